import { RecordUnreadableError } from '@crystallize/core';
import {
  type CellLogs,
  cellLogKey,
  claimKey,
  encodeClaim,
  loadCellLogs,
  type Pruning,
  parseClaim,
  parsePruning,
  pruningKey,
  type SessionEntry,
  StorageError,
  scanCellLogs,
} from '@crystallize/core/storage';
import { checkCells } from './check-cells.ts';
import { type SessionEnd, sessionEnd } from './session-end.ts';
import type { VersionView } from './version-view.ts';

/** What the records of a version say, when they can be read. */
export interface CheckedRecords {
  readonly logs: CellLogs;
  /** By session: how it ended, where it did. */
  readonly ends: ReadonlyMap<number, SessionEnd>;
  readonly pruning: Pruning | undefined;
}

/** The keys of the logs that are there, by session; with gaps where one is missing. */
export function logsThere({ directory, version, records }: VersionView): readonly (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const prefix = cellLogKey(directory, version, 0).slice(0, -'0.log'.length);
  for (const key of [...records.objects.keys(), ...records.folders]) {
    const number = /^(0|[1-9][0-9]{0,8})\.log$/.exec(key.startsWith(prefix) ? key.slice(prefix.length) : '');
    if (number) found[Number(number[1])] = key;
  }
  return Array.from(found);
}

/** Reads claim, logs and tombstone, and reports what is wrong with each; `undefined` when no log can be read. */
export async function checkRecords(view: VersionView): Promise<CheckedRecords | undefined> {
  const pruning = await checkPruning(view);
  const keys = logsThere(view);
  const there = keys.map((key, session) => {
    const expected = cellLogKey(view.directory, view.version, session);
    if (key === undefined && !view.isHidden(expected))
      view.findings.fault('missing', expected, 'This log of cells is not there, though later ones are.');
    return key !== undefined && view.isFile(expected, view.expect(expected));
  });
  const logs = there.every(Boolean) ? await loadLogs(view, keys.length) : undefined;
  await checkClaim(view, logs?.sessions[0]);
  if (!logs) {
    view.findings.note('its records can not all be read, so its files were not compared with them.');
    return undefined;
  }
  for (const { session, experiment } of logs.sessions) checkOwner(view, session, experiment.directory);
  const ends = new Map<number, SessionEnd>();
  for (const session of keys.keys()) {
    const log = await view.store.readLog(cellLogKey(view.directory, view.version, session));
    const end = log && sessionEnd(log.subarray(0, logs.lengths[session]));
    if (end) ends.set(session, end);
    checkTail(view, session, keys.length, log?.length ?? 0, logs, end);
  }
  await checkCells(view, logs, ends);
  return { logs, ends, pruning };
}

async function loadLogs(view: VersionView, count: number): Promise<CellLogs | undefined> {
  const { store, directory, version } = view;
  try {
    return await loadCellLogs(store, directory, version);
  } catch (error) {
    if (!(error instanceof RecordUnreadableError || error instanceof StorageError)) throw error;
    const keys = Array.from({ length: count }, (_, session) => cellLogKey(directory, version, session));
    const key = keys.find((one) => error.message.includes(one)) ?? (keys[0] as string);
    view.findings.fault(
      (await isCutShort(view, keys.indexOf(key))) ? 'cut-short' : 'unreadable',
      key,
      error.message,
    );
    return undefined;
  }
}

/** Later sessions say how long a log was. */
async function isCutShort({ store, directory, version }: VersionView, session: number): Promise<boolean> {
  const log = await store.readLog(cellLogKey(directory, version, session)).catch(() => undefined);
  const scan = await scanCellLogs(store, directory, version).catch(() => undefined);
  return scan?.sessions.some(({ follows }) => (follows[session] ?? 0) > (log?.length ?? 0)) ?? false;
}

/** A folder that was given another name, or a log that was copied there from another experiment. */
function checkOwner(view: VersionView, session: number, owner: string): void {
  if (owner === view.directory) return;
  view.findings.fault(
    'inconsistent',
    cellLogKey(view.directory, view.version, session),
    `The log is of the experiment '${owner}', and lies in the folder of '${view.directory}'. Move it back, or give the folder its old name.`,
  );
}

/** Nothing follows the last entry of a session that has ended. */
function checkTail(
  view: VersionView,
  session: number,
  count: number,
  size: number,
  { lengths }: CellLogs,
  end: SessionEnd | undefined,
): void {
  const more = size - (lengths[session] ?? 0);
  // What a former owner has appended after another had taken over does not count, and is no fault.
  if (more <= 0 || !end || session < count - 1) return;
  view.findings.fault(
    'altered',
    cellLogKey(view.directory, view.version, session),
    `${more} bytes follow its last entry, and nothing should. Restore the log from a copy, or cut them off.`,
  );
}

async function checkClaim(view: VersionView, first: SessionEntry | undefined): Promise<void> {
  const key = claimKey(view.directory, view.version);
  const bytes = await view.read(key);
  if (bytes === undefined) return;
  if (bytes === 'missing') {
    view.findings.fault('missing', key, 'The claim is not there that says whose version this is.');
    return;
  }
  try {
    const { format: _, ...claim } = parseClaim(bytes, key);
    if (Buffer.compare(encodeClaim(claim), bytes) !== 0) {
      view.findings.fault('altered', key, 'The claim is not as a run writes it: something has changed it.');
    } else if (
      first?.session === 0 &&
      (first.run !== claim.run ||
        first.owner.pid !== claim.owner.pid ||
        first.owner.host !== claim.owner.host)
    ) {
      view.findings.fault('inconsistent', key, 'The claim names another run than the first log of cells.');
    }
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error;
    view.findings.fault('unreadable', key, error.message);
  }
}

async function checkPruning(view: VersionView): Promise<Pruning | undefined> {
  const key = pruningKey(view.directory, view.version);
  const bytes = await view.read(key);
  if (bytes === undefined || bytes === 'missing') return undefined;
  try {
    return parsePruning(bytes, key);
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error;
    view.findings.fault('unreadable', key, error.message);
    return undefined;
  }
}
