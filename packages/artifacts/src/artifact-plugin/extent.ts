import type { CellRecord } from '@crystallize/core';
import type { CellLogs } from '@crystallize/core/storage';

/** How much was asked for, or is there. */
export interface Extent {
  readonly replicates: number;
  readonly conditions: readonly string[];
}

/**
 * What `metadata.json` says that there is: the most replicates, and every condition of which a cell is
 * recorded, that this session and those before it asked for. So who asks for less takes nothing away. What
 * an earlier session asked for counts no more once cells of it were superseded and not run again.
 *
 * @param own - What this session asked for.
 * @param earlier - See {@link earlierExtents}.
 * @param records - Every cell of the version that counts.
 */
export function extentOf(own: Extent, earlier: readonly Extent[], records: Iterable<CellRecord>): Extent {
  const ended = new Map<string, Set<number>>();
  const adopted = new Set<string>();
  let replicates = own.replicates;
  for (const record of records) {
    const { condition, replicate } = record;
    const known = ended.get(condition);
    if (known) known.add(replicate);
    else ended.set(condition, new Set([replicate]));
    if (!isAdopted(record)) continue;
    adopted.add(condition);
    replicates = Math.max(replicates, replicate + 1);
  }
  const isWhole = (asked: Extent) =>
    asked.conditions.every((condition) => leading(ended.get(condition)) >= asked.replicates);
  for (const asked of earlier) if (isWhole(asked)) replicates = Math.max(replicates, asked.replicates);
  const asked = [...own.conditions, ...earlier.flatMap(({ conditions }) => conditions), ...adopted];
  return { replicates, conditions: [...new Set(asked)].filter((condition) => ended.has(condition)) };
}

/** How many there are without a gap, from 0. */
function leading(replicates: ReadonlySet<number> | undefined): number {
  let count = 0;
  while (replicates?.has(count)) count += 1;
  return count;
}

/**
 * What the sessions before one asked for, newest first. One that was aborted or killed counts not: what it
 * asked for may never have been there.
 */
export function earlierExtents(
  { sessions, ends }: Pick<CellLogs, 'sessions' | 'ends'>,
  before: number,
): readonly Extent[] {
  return sessions.toReversed().filter(({ session }) => {
    const end = session < before ? ends.get(session) : undefined;
    return end !== undefined && end.status !== 'aborted';
  });
}

/** Of the Python original, which left no session that says what was asked for, and no seeds. */
function isAdopted({ seed }: CellRecord): boolean {
  return !Number.isSafeInteger(seed);
}
