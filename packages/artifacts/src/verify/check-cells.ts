import { type CellLogs, cellLogKey } from '@crystallize/core/storage';
import type { SessionEnd } from './session-end.ts';
import type { VersionView } from './version-view.ts';

/** How many cells a message names. */
const mostNamed = 3;

/**
 * Counts the records of cells: of each cell there is one in a session at most, and when a session has come
 * to its end each cell that it was asked for has one, in its own log or in an earlier one.
 */
export async function checkCells(
  view: VersionView,
  { sessions, lengths }: CellLogs,
  ends: ReadonlyMap<number, SessionEnd>,
): Promise<void> {
  const recorded = new Set<string>();
  const adopted = new Set(sessions.flatMap((session) => session.adopted ?? []));
  for (const { session, replicates, conditions } of sessions) {
    const key = cellLogKey(view.directory, view.version, session);
    const log = await view.store.readLog(key);
    const own = new Set<string>();
    const twice = new Set<string>();
    for (const { type, replicate, condition } of entriesOf(log?.subarray(0, lengths[session]))) {
      const cell = nameOf(replicate, condition);
      if (type === 'superseded') {
        recorded.delete(cell);
        // What was taken over from the Python original may be superseded at once.
        own.delete(cell);
      }
      if (type !== 'cell') continue;
      if (own.has(cell)) twice.add(cell);
      own.add(cell);
      recorded.add(cell);
    }
    if (twice.size > 0)
      view.findings.fault(
        'inconsistent',
        key,
        `It has more than one record of ${named([...twice])}, and a session runs each cell once. Restore the log from a copy.`,
      );
    const end = ends.get(session);
    if (end === undefined || end.status === 'aborted') continue;
    const missing = conditions
      .filter((condition) => !adopted.has(condition))
      .flatMap((condition) => Array.from({ length: replicates }, (_, number) => nameOf(number, condition)))
      .filter((cell) => !recorded.has(cell));
    if (missing.length > 0)
      view.findings.fault(
        'missing',
        key,
        `Every cell that the session was asked for has ended, and there is no record of ${named(missing)}. Restore the log from a copy, or resume the run.`,
      );
  }
}

/** @param log - Whole lines, each checked already. */
function* entriesOf(log: Uint8Array = Buffer.of()): Generator<CellLine, void, undefined> {
  const bytes = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf('\n', start);
    // The length and the checksum come first.
    yield JSON.parse(bytes.toString('utf8', start, end).replace(/^\S+ \S+ /, '')) as CellLine;
    start = end + 1;
  }
}

interface CellLine {
  readonly type: string;
  readonly replicate: number;
  readonly condition: string;
}

function nameOf(replicate: number, condition: string): string {
  return `replicate ${replicate} of '${condition}'`;
}

function named(cells: readonly string[]): string {
  const more = cells.length > mostNamed ? ` and ${cells.length - mostNamed} more cells` : '';
  return `${cells.slice(0, mostNamed).join(', ')}${more}`;
}
