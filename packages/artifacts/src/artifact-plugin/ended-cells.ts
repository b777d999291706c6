import type { CellRecord, RunOutcome } from '@crystallize/core';
import { type ArtifactStore, loadCellLogs } from '@crystallize/core/storage';

/** The cells of a run that have ended: from its result, or, when it was stopped, from its log. */
export class EndedCells {
  readonly #of: (condition: string) => readonly CellRecord[];

  private constructor(of: (condition: string) => readonly CellRecord[]) {
    this.#of = of;
  }

  static async of(
    store: ArtifactStore,
    { directory, version }: { readonly directory: string; readonly version: number },
    { result }: RunOutcome,
  ): Promise<EndedCells> {
    if (result) {
      // A condition is looked up when its turn comes: the records of all at once would take much memory.
      return new EndedCells((condition) =>
        condition === 'baseline' ? result.baseline.cells : (result.treatments[condition]?.cells ?? []),
      );
    }
    const byCondition = new Map<string, CellRecord[]>();
    for (const { record } of (await loadCellLogs(store, directory, version))?.cells ?? []) {
      const records = byCondition.get(record.condition);
      if (records) records.push(record);
      else byCondition.set(record.condition, [record]);
    }
    return new EndedCells((condition) => byCondition.get(condition) ?? []);
  }

  /** In replicate order. */
  of(condition: string): readonly CellRecord[] {
    return this.#of(condition);
  }
}
