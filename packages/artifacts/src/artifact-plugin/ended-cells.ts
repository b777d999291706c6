import type { CellRecord, RunOutcome } from '@crystallize/core';
import { type ArtifactStore, loadCellLogs, metricsOf } from '@crystallize/core/storage';

/** What has ended of one condition. */
export interface EndedCondition {
  /** Each metric's values of the cells that are done, in replicate order. */
  readonly metrics: Readonly<Record<string, readonly unknown[]>>;
  /** Every cell, made as it is asked for: the records of all at once would take much memory. */
  cells(): Iterable<CellRecord>;
}

/** The cells of a run that have ended, by condition. */
export type EndedCells = (condition: string) => EndedCondition;

const nothing: EndedCondition = { metrics: {}, cells: () => [] };

/** Finds them in the run's result or, when it was stopped, in its log. */
export async function endedCells(
  store: ArtifactStore,
  { directory, version }: { readonly directory: string; readonly version: number },
  { result }: RunOutcome,
): Promise<EndedCells> {
  if (result) {
    return (condition) => {
      const side = condition === 'baseline' ? result.baseline : result.treatments[condition];
      return side ? { metrics: side.metrics, cells: () => side.eachCell() } : nothing;
    };
  }
  const byCondition = new Map<string, CellRecord[]>();
  for (const { record } of (await loadCellLogs(store, directory, version))?.cells ?? []) {
    const records = byCondition.get(record.condition);
    if (records) records.push(record);
    else byCondition.set(record.condition, [record]);
  }
  return (condition) => {
    const records = byCondition.get(condition) ?? [];
    return { metrics: metricsOf(records, condition), cells: () => records };
  };
}
