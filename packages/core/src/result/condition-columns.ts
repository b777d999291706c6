import type {
  ArtifactRecord,
  CellRecord,
  ErrorRecord,
  InputRecord,
  MetricRecord,
} from '../plugin/records.ts';
import { type CellShape, fitsShape, shapeOf } from './cell-shape.ts';
import { NumberColumn, ValueColumn } from './column.ts';

/** What few cells have. */
interface CellExtra {
  readonly artifacts: readonly ArtifactRecord[];
  readonly inputs: readonly InputRecord[];
  readonly error: ErrorRecord | undefined;
  readonly failedStep: string | undefined;
  readonly attempts: number;
}

const NONE: readonly never[] = [];

/** @internal The cells of one condition in columns: some 80 bytes each, where a record takes 800. */
export class ConditionColumns {
  readonly #condition: string;
  /** By replicate, since cells may end in any order: which shape (from 1), and where the rest begins. */
  readonly #shapeAt = new NumberColumn();
  readonly #valuesAt = new NumberColumn();
  readonly #timesAt = new NumberColumn();
  readonly #extras = new Map<number, CellExtra>();
  readonly #shapes: CellShape[] = [];
  /** In the order in which the cells ended: their values, and start, duration and each step's duration. */
  readonly #values = new ValueColumn();
  readonly #times = new NumberColumn();

  constructor(condition: string) {
    this.#condition = condition;
  }

  has(replicate: number): boolean {
    return this.#shapeAt.get(replicate) > 0;
  }

  add(record: CellRecord): void {
    const { replicate } = record;
    this.#shapeAt.set(replicate, this.#shapeNumber(record));
    this.#valuesAt.set(replicate, this.#values.length);
    this.#timesAt.set(replicate, this.#times.length);
    for (const entry of record.metrics) this.#values.push(entry.value);
    this.#times.push(record.startedAt);
    this.#times.push(record.duration);
    for (const step of record.steps) this.#times.push(step.duration);
    const { artifacts, inputs, error, failedStep, attempts } = record;
    if (artifacts.length > 0 || inputs.length > 0 || error || attempts !== 1) {
      this.#extras.set(replicate, { artifacts, inputs, error, failedStep, attempts });
    }
  }

  /** The cells as records, made as they are asked for, in replicate order. */
  *records(seedOf: (replicate: number) => number): IterableIterator<CellRecord> {
    for (let replicate = 0; replicate < this.#shapeAt.length; replicate++) {
      const record = this.record(replicate, seedOf);
      if (record) yield record;
    }
  }

  record(replicate: number, seedOf: (replicate: number) => number): CellRecord | undefined {
    const shape = this.#shape(replicate);
    if (!shape) return undefined;
    const valuesAt = this.#valuesAt.get(replicate);
    const timesAt = this.#timesAt.get(replicate);
    const extra = this.#extras.get(replicate);
    return {
      replicate,
      condition: this.#condition,
      seed: seedOf(replicate),
      status: shape.status,
      metrics: shape.metrics.map(({ metric, step, tags }, index): MetricRecord => {
        const value = this.#values.get(valuesAt + index);
        return tags ? { metric, value, step, tags } : { metric, value, step };
      }),
      artifacts: extra?.artifacts ?? NONE,
      steps: shape.steps.map((step, index) => ({ ...step, duration: this.#times.get(timesAt + 2 + index) })),
      inputs: extra?.inputs ?? NONE,
      ...(extra?.error ? { error: extra.error } : {}),
      ...(extra?.failedStep === undefined ? {} : { failedStep: extra.failedStep }),
      startedAt: this.#times.get(timesAt),
      duration: this.#times.get(timesAt + 1),
      attempts: extra?.attempts ?? 1,
    };
  }

  /** The values of the cells that succeeded, in replicate order. */
  *values(): IterableIterator<{
    readonly replicate: number;
    readonly metric: string;
    readonly value: unknown;
  }> {
    for (let replicate = 0; replicate < this.#shapeAt.length; replicate++) {
      const shape = this.#shape(replicate);
      if (shape?.status !== 'done') continue;
      const at = this.#valuesAt.get(replicate);
      for (const [index, { metric }] of shape.metrics.entries()) {
        yield { replicate, metric, value: this.#values.get(at + index) };
      }
    }
  }

  artifacts(replicate: number): readonly ArtifactRecord[] {
    return this.#extras.get(replicate)?.artifacts ?? NONE;
  }

  #shape(replicate: number): CellShape | undefined {
    return this.#shapes[this.#shapeAt.get(replicate) - 1];
  }

  #shapeNumber(record: CellRecord): number {
    const last = this.#shapes.at(-1);
    if (!(last && fitsShape(last, record))) this.#shapes.push(shapeOf(record));
    return this.#shapes.length;
  }
}
