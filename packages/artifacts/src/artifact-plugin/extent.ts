import type { CellRecord } from '@crystallize/core';
import type { CellLogs } from '@crystallize/core/storage';

/** How much was asked for, or is there. */
export interface Extent {
  readonly replicates: number;
  readonly conditions: readonly string[];
}

/**
 * What `metadata.json` says that there is: the most replicates, and every condition of which a cell is
 * recorded, that this session and those before it asked for. So who asks for less takes nothing away.
 *
 * @param own - What this session asked for.
 * @param earlier - See {@link earlierExtents}.
 * @param records - Every cell of the version that counts.
 */
export function extentOf(own: Extent, earlier: readonly Extent[], records: Iterable<CellRecord>): Extent {
  const recorded = new Set<string>();
  const adopted = new Set<string>();
  let replicates = Math.max(own.replicates, ...earlier.map((one) => one.replicates));
  for (const record of records) {
    recorded.add(record.condition);
    if (!isAdopted(record)) continue;
    adopted.add(record.condition);
    replicates = Math.max(replicates, record.replicate + 1);
  }
  const asked = [...own.conditions, ...earlier.flatMap(({ conditions }) => conditions), ...adopted];
  return { replicates, conditions: [...new Set(asked)].filter((condition) => recorded.has(condition)) };
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
