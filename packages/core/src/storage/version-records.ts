import type { CellRecord } from '../plugin/records.ts';
import { type CellLogs, loadCellLogs } from './cell-log-reader.ts';
import type { CellPlace } from './layout.ts';
import type { ReadableStore } from './store.ts';

/** The logs of a version, with its cells at hand. */
export interface Records {
  readonly logs: CellLogs;
  readonly cells: ReadonlyMap<string, CellRecord>;
  /** Conditions that the Python original ran. */
  readonly adopted: ReadonlySet<string>;
}

/** What the logs of a version say; `undefined` for a run of the Python original. @throws RecordUnreadableError */
export async function loadRecords(
  store: ReadableStore,
  directory: string,
  version: number,
): Promise<Records | undefined> {
  const logs = await loadCellLogs(store, directory, version);
  if (!logs) return undefined;
  const adopted = new Set(logs.sessions.flatMap((session) => session.adopted ?? []));
  for (const { record } of logs.cells) adopted.delete(record.condition);
  return { logs, cells: new Map(logs.cells.map(({ record }) => [cellKey(record), record])), adopted };
}

/** A cell as one string. */
export function cellKey({ replicate, condition }: CellPlace): string {
  return `${replicate}/${condition}`;
}
