import type { CellRecord, RunHandle, RunOutcome } from '@crystallize/core';
import { type ArtifactStore, loadCellLogs, metricsOf } from '@crystallize/core/storage';

/** What has ended of one condition. */
export interface EndedCondition {
  /** Each metric's values of the cells that are done, in replicate order. */
  readonly metrics: Readonly<Record<string, readonly unknown[]>>;
  /** Every cell, made as it is asked for: the records of all at once would take much memory. */
  cells(): Iterable<CellRecord>;
}

/** The cells of a version that have ended. */
export interface EndedCells {
  /** Those of this run first. */
  readonly conditions: readonly string[];
  of(condition: string): EndedCondition;
}

/** Every cell of all conditions. */
export function* everyCell(cells: EndedCells): Iterable<CellRecord> {
  for (const condition of cells.conditions) yield* cells.of(condition).cells();
}

const nothing: EndedCondition = { metrics: {}, cells: () => [] };

/**
 * Finds them in the run's result or, when it was stopped or does not have all that is stored, in the logs.
 *
 * @param beyond - Whether cells are stored that this run did not ask for.
 */
export async function endedCells(
  store: ArtifactStore,
  { directory, version }: { readonly directory: string; readonly version: number },
  run: RunHandle,
  { result }: RunOutcome,
  beyond: boolean,
): Promise<EndedCells> {
  if (result && !beyond) {
    return {
      conditions: run.conditions,
      of(condition) {
        const side = condition === 'baseline' ? result.baseline : result.treatments[condition];
        return side ? { metrics: side.metrics, cells: () => side.eachCell() } : nothing;
      },
    };
  }
  const byCondition = new Map<string, CellRecord[]>(run.conditions.map((condition) => [condition, []]));
  for (const { record } of (await loadCellLogs(store, directory, version))?.cells ?? []) {
    const records = byCondition.get(record.condition);
    if (records) records.push(record);
    else byCondition.set(record.condition, [record]);
  }
  return {
    conditions: [...byCondition.keys()],
    of(condition) {
      const records = byCondition.get(condition) ?? [];
      return { metrics: metricsOf(records, condition), cells: () => records };
    },
  };
}
