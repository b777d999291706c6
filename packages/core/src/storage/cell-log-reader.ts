import type { EndEntry, SessionEntry, StoredCell, SupersededEntry } from './cell-log-entry.ts';
import { CellLogScan } from './cell-log-scan.ts';
import { cellLogKey } from './layout.ts';
import type { ReadableStore } from './store.ts';

/** All that the logs of one version say. */
export interface CellLogs {
  /** One per log that holds its first entry whole. */
  readonly sessions: readonly SessionEntry[];
  /** The newest record of each cell that still counts, by replicate, then in the order of `conditions`. */
  readonly cells: readonly StoredCell[];
  /** Every condition that a session asked for, those of the newest session first. */
  readonly conditions: readonly string[];
  /** Every record that was set aside, in order. */
  readonly superseded: readonly (SupersededEntry & { readonly session: number })[];
  /** How the newest session ended; `undefined` when it is going on, or was killed. */
  readonly ended: EndEntry | undefined;
  /** By session: how it ended, where it did. */
  readonly ends: ReadonlyMap<number, EndEntry>;
  /** How many bytes of each log count: what the next session states as `follows`. */
  readonly lengths: readonly number[];
}

/**
 * Reads the logs of one version, in the order of their sessions. A line cut off at the end of a log
 * was never reported as done, and is left out.
 *
 * @param where - What the logs are called in messages.
 * @throws RecordUnreadableError naming the log and the offset when one is damaged before its end;
 * `FORMAT_TOO_NEW` when a newer version wrote it.
 */
export function readCellLogs(
  logs: readonly Uint8Array[],
  where: (session: number) => string = (session) => `The log of session ${session}`,
): CellLogs {
  const scan = new CellLogScan(logs, where);
  const cells = new Map<string, StoredCell>();
  for (const cell of scan.cells()) cells.set(`${cell.record.replicate}/${cell.record.condition}`, cell);
  const { sessions, conditions } = scan;
  const order = new Map(conditions.map((condition, index) => [condition, index]));
  const sorted = [...cells.values()].sort(
    ({ record: a }, { record: b }) =>
      a.replicate - b.replicate || (order.get(a.condition) ?? 0) - (order.get(b.condition) ?? 0),
  );
  const { superseded, ended, ends, lengths } = scan;
  return { sessions, cells: sorted, conditions, superseded, ended, ends, lengths };
}

/**
 * Fetches and reads every log of a version; `undefined` when it has none, as the runs of the Python
 * original.
 * @throws RecordUnreadableError as {@link readCellLogs}.
 */
export async function loadCellLogs(
  store: ReadableStore,
  directory: string,
  version: number,
): Promise<CellLogs | undefined> {
  const logs = await fetchLogs(store, directory, version);
  return logs.length === 0 ? undefined : readCellLogs(logs, naming(store, directory, version));
}

/**
 * The same for what is read cell by cell, which takes little memory beside the logs' own bytes.
 * @throws RecordUnreadableError as {@link readCellLogs}, also while cells are read.
 */
export async function scanCellLogs(
  store: ReadableStore,
  directory: string,
  version: number,
): Promise<CellLogScan | undefined> {
  const logs = await fetchLogs(store, directory, version);
  return logs.length === 0 ? undefined : new CellLogScan(logs, naming(store, directory, version));
}

async function fetchLogs(
  store: ReadableStore,
  directory: string,
  version: number,
): Promise<readonly Uint8Array[]> {
  const logs: Uint8Array[] = [];
  for (;;) {
    const log = await store.readLog(cellLogKey(directory, version, logs.length));
    if (!log) return logs;
    logs.push(log);
  }
}

function naming(store: ReadableStore, directory: string, version: number): (session: number) => string {
  return (session) => `${cellLogKey(directory, version, session)} in ${store.location}`;
}
