import { replicateSeed } from '../context/seed.ts';
import type { ArtifactRecord, CellRecord } from '../plugin/records.ts';
import { ConditionColumns, SharedColumns } from './condition-columns.ts';

/** @internal The records of a run, by condition and replicate. */
export class CellStore {
  readonly #columns: ReadonlyMap<string, ConditionColumns>;
  readonly #seedOf: (replicate: number) => number;

  constructor(seed: number, conditions: readonly string[]) {
    this.#seedOf = (replicate) => replicateSeed(seed, replicate);
    const shared = new SharedColumns(conditions.length);
    this.#columns = new Map(
      conditions.map((condition, index) => [condition, new ConditionColumns(condition, index, shared)]),
    );
  }

  get conditions(): readonly string[] {
    return [...this.#columns.keys()];
  }

  has(condition: string, replicate: number): boolean {
    return this.#columns.get(condition)?.has(replicate) ?? false;
  }

  add(record: CellRecord): void {
    this.#columns.get(record.condition)?.add(record, this.#seedOf(record.replicate));
  }

  /** The records of a condition, in replicate order. */
  records(condition: string): Iterable<CellRecord> {
    return this.#columns.get(condition)?.records(this.#seedOf) ?? [];
  }

  record(condition: string, replicate: number): CellRecord | undefined {
    return this.#columns.get(condition)?.record(replicate, this.#seedOf);
  }

  /** The values of the cells that succeeded, in replicate order, without making records. */
  values(
    condition: string,
  ): Iterable<{ readonly replicate: number; readonly metric: string; readonly value: unknown }> {
    return this.#columns.get(condition)?.values() ?? [];
  }

  /** What a cell has written. */
  artifacts(condition: string, replicate: number): readonly ArtifactRecord[] {
    return this.#columns.get(condition)?.artifacts(replicate) ?? [];
  }
}
