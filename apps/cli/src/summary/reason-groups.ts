import type { PlannedCell } from '@crystallize/core';
import { grouped } from '../text/count.ts';
import { plainLine } from '../text/plain-text.ts';
import { cut } from '../text/width.ts';

/** Reasons shown of one condition and action; `--verbose` shows each cell's. */
const MOST_REASONS = 4;
/** Columns of what a reason quotes, such as the message of an error. */
const LONGEST_DETAIL = 100;

/** `1 failed (k is too large), 1 never ran`: why, in few words; the count only where there are several reasons. */
export function reasonsOf(cells: readonly PlannedCell[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of cells) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const [only] = all;
  if (only && all.length === 1) return phrase(only[0]);
  const shown = all.slice(0, MOST_REASONS).map(([reason, number]) => `${grouped(number)} ${phrase(reason)}`);
  const rest = all.slice(MOST_REASONS);
  const others = rest.reduce((sum, [, number]) => sum + number, 0);
  if (rest.length > 0) shown.push(`${grouped(others)} for ${grouped(rest.length)} other reasons`);
  return shown.join(', ');
}

/** `it failed: why` as it stands after a count: `failed (why)`. */
function phrase(reason: string): string {
  const [, what = '', detail] = /^(?:it )?([^:]*)(?:: (.*))?$/.exec(plainLine(reason)) ?? [];
  if (what === '') return cut(plainLine(reason), LONGEST_DETAIL);
  return detail === undefined ? what : `${what} (${cut(detail, LONGEST_DETAIL)})`;
}
