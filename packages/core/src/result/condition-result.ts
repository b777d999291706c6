import { MissingMetricError } from '../errors/run-errors.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import type { CellRecord } from '../plugin/records.ts';
import type { CellStore } from './cell-store.ts';
import type { ConditionResult } from './result.ts';

/** @internal One condition, read from the store when it is asked for. */
export class StoredCondition implements ConditionResult {
  readonly #store: CellStore;
  readonly #condition: string;
  #metrics: Readonly<Record<string, unknown[]>> | undefined;

  constructor(store: CellStore, condition: string) {
    this.#store = store;
    this.#condition = condition;
  }

  get metrics(): Readonly<Record<string, unknown[]>> {
    this.#metrics ??= this.#collect();
    return this.#metrics;
  }

  // A property, so that it may be taken out of the object: const { numbers } = result.baseline.
  readonly numbers = (metric: string): number[] => {
    const values = Object.hasOwn(this.metrics, metric) ? this.metrics[metric] : undefined;
    if (!values)
      throw new MissingMetricError(metric, `condition '${this.#condition}'`, Object.keys(this.metrics));
    return values.map((value, index) => {
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
      throw new UnsupportedValueError(
        `${metric}[${index}]`,
        `a value of type ${value === null ? 'null' : typeof value} under '${this.#condition}'`,
        'numbers() takes numbers, bigints and booleans; the values as they are stand in metrics.',
      );
    });
  };

  get seeds(): readonly number[] {
    return Array.from(this.eachCell(), (cell) => cell.seed);
  }

  get cells(): readonly CellRecord[] {
    return [...this.eachCell()];
  }

  eachCell(): Iterable<CellRecord> {
    return this.#store.records(this.#condition);
  }

  toJSON(): unknown {
    return { metrics: this.metrics, seeds: this.seeds };
  }

  #collect(): Record<string, unknown[]> {
    const metrics = new Map<string, unknown[]>();
    for (const { metric, value } of this.#store.values(this.#condition)) {
      const list = metrics.get(metric);
      if (list) list.push(value);
      else metrics.set(metric, [value]);
    }
    // Unlike assignment, this takes any name, `__proto__` too.
    return Object.fromEntries(metrics);
  }
}
