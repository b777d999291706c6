import type {
  ArtifactRecord,
  CellRecord,
  ErrorRecord,
  InputRecord,
  MetricRecord,
} from '../plugin/records.ts';
import { type CellShape, fitsShape, shapeOf } from './cell-shape.ts';
import { NumberColumn, ValueColumn, WITHIN } from './column.ts';

/** What few cells have. */
interface CellExtra {
  readonly artifacts: readonly ArtifactRecord[];
  readonly inputs: readonly InputRecord[];
  readonly error: ErrorRecord | undefined;
  readonly failedStep: string | undefined;
  readonly attempts: number;
  /** Only where it is not the one that follows from the run's. */
  readonly seed?: number;
}

const NONE: readonly never[] = [];

/** Numbers of a row; a power of two, so that no row lies in two chunks. The shape comes first, then: */
const ROW = 4;
const VALUES = 1;
const TIMES = 2;

/** Where the durations of steps begin in a cell's times, after its start and its own duration. */
const STEPS = 2;

/** @internal What the columns of all conditions have in common: a run may have thousands, of few cells each. */
export class SharedColumns {
  /**
   * By replicate, then condition, since cells may end in any order: a row of which shape (from 1) and
   * where the rest begins.
   */
  readonly rows: NumberColumn = new NumberColumn();
  /** In the order in which the cells ended: their values, and start, duration and each step's duration. */
  readonly values: ValueColumn = new ValueColumn();
  readonly times: NumberColumn = new NumberColumn();
  /** How many conditions there are. */
  readonly conditions: number;

  constructor(conditions: number) {
    this.conditions = conditions;
  }
}

/** @internal The cells of one condition in columns: some 80 bytes each, where a record takes 800. */
export class ConditionColumns {
  readonly #condition: string;
  readonly #index: number;
  readonly #shared: SharedColumns;
  #replicates = 0;
  readonly #extras = new Map<number, CellExtra>();
  readonly #shapes: CellShape[] = [];

  /** @param index - Which of the conditions it is. */
  constructor(condition: string, index: number, shared: SharedColumns) {
    this.#condition = condition;
    this.#index = index;
    this.#shared = shared;
  }

  has(replicate: number): boolean {
    return this.#shared.rows.get(this.#rowOf(replicate)) > 0;
  }

  /** @param seed - What the cell's seed is by the run's. */
  add(record: CellRecord, seed: number): void {
    const { replicate, metrics, steps } = record;
    if (replicate >= this.#replicates) this.#replicates = replicate + 1;
    const row = this.#shared.rows.chunk(this.#rowOf(replicate));
    const at = this.#rowOf(replicate) & WITHIN;
    row[at] = this.#shapeNumber(record);
    row[at + VALUES] = this.#shared.values.length;
    for (let index = 0; index < metrics.length; index++) this.#shared.values.push(metrics[index]?.value);
    const times = this.#shared.times.reserve(STEPS + steps.length);
    row[at + TIMES] = times;
    const chunk = this.#shared.times.chunk(times);
    const first = times & WITHIN;
    chunk[first] = record.startedAt;
    chunk[first + 1] = record.duration;
    for (let index = 0; index < steps.length; index++)
      chunk[first + STEPS + index] = steps[index]?.duration ?? 0;
    const { artifacts, inputs, error, failedStep, attempts } = record;
    const own = record.seed === seed ? {} : { seed: record.seed };
    if (artifacts.length > 0 || inputs.length > 0 || error || attempts !== 1 || record.seed !== seed) {
      this.#extras.set(replicate, { artifacts, inputs, error, failedStep, attempts, ...own });
    }
  }

  /** The cells as records, made as they are asked for, in replicate order. */
  *records(seedOf: (replicate: number) => number): IterableIterator<CellRecord> {
    for (let replicate = 0; replicate < this.#replicates; replicate++) {
      const record = this.record(replicate, seedOf);
      if (record) yield record;
    }
  }

  record(replicate: number, seedOf: (replicate: number) => number): CellRecord | undefined {
    const shape = this.#shape(replicate);
    if (!shape) return undefined;
    const valuesAt = this.#shared.rows.get(this.#rowOf(replicate) + VALUES);
    const timesAt = this.#shared.rows.get(this.#rowOf(replicate) + TIMES);
    const extra = this.#extras.get(replicate);
    return {
      replicate,
      condition: this.#condition,
      seed: extra?.seed ?? seedOf(replicate),
      status: shape.status,
      metrics: shape.metrics.map(({ metric, step, tags }, index): MetricRecord => {
        const value = this.#shared.values.get(valuesAt + index);
        return tags ? { metric, value, step, tags } : { metric, value, step };
      }),
      artifacts: extra?.artifacts ?? NONE,
      steps: shape.steps.map((step, index) => ({
        ...step,
        duration: this.#shared.times.get(timesAt + STEPS + index),
      })),
      inputs: extra?.inputs ?? NONE,
      ...(extra?.error ? { error: extra.error } : {}),
      ...(extra?.failedStep === undefined ? {} : { failedStep: extra.failedStep }),
      startedAt: this.#shared.times.get(timesAt),
      duration: this.#shared.times.get(timesAt + 1),
      attempts: extra?.attempts ?? 1,
    };
  }

  /** The values of the cells that succeeded, in replicate order. */
  *values(): IterableIterator<{
    readonly replicate: number;
    readonly metric: string;
    readonly value: unknown;
  }> {
    for (let replicate = 0; replicate < this.#replicates; replicate++) {
      const shape = this.#shape(replicate);
      if (shape?.status !== 'done') continue;
      const at = this.#shared.rows.get(this.#rowOf(replicate) + VALUES);
      for (const [index, { metric }] of shape.metrics.entries()) {
        yield { replicate, metric, value: this.#shared.values.get(at + index) };
      }
    }
  }

  artifacts(replicate: number): readonly ArtifactRecord[] {
    return this.#extras.get(replicate)?.artifacts ?? NONE;
  }

  #rowOf(replicate: number): number {
    return (replicate * this.#shared.conditions + this.#index) * ROW;
  }

  #shape(replicate: number): CellShape | undefined {
    return this.#shapes[this.#shared.rows.get(this.#rowOf(replicate)) - 1];
  }

  #shapeNumber(record: CellRecord): number {
    const last = this.#shapes.at(-1);
    if (!(last && fitsShape(last, record))) this.#shapes.push(shapeOf(record));
    return this.#shapes.length;
  }
}
