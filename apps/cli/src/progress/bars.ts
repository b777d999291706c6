import { count } from '../text/count.ts';
import type { Paint } from '../text/paint.ts';
import { cut } from '../text/width.ts';
import { barLine, nameWidthOf } from './bar-line.ts';
import type { RunProgress } from './run-progress.ts';

/** The size of what is drawn on. */
export interface Space {
  readonly columns: number;
  readonly rows: number;
}

/** Rows that are left free: the cursor's, and one of what stood there before. */
const FREE_ROWS = 2;

/** A line for each run; where there are more runs than rows, those that are going on come first. */
export function bars(
  runs: readonly RunProgress[],
  space: Space,
  now: number,
  paint: Paint,
): readonly string[] {
  const room = Math.max(1, space.rows - FREE_ROWS);
  // A line that fills the last column makes some terminals wrap.
  const width = Math.max(1, space.columns - 1);
  const shown =
    runs.length <= room
      ? runs
      : [...runs].sort((a, b) => urgency(a) - urgency(b)).slice(0, Math.max(1, room - 1));
  const nameWidth = Math.min(nameWidthOf(shown), Math.max(4, Math.floor(width / 3)));
  const lines = shown.map((run) => barLine(run, { width, nameWidth, now, paint }));
  const rest = runs.length - shown.length;
  if (rest > 0 && room > 1) lines.push(paint('faint', cut(`and ${count(rest, 'more experiment')}`, width)));
  return lines;
}

function urgency({ state }: RunProgress): number {
  return ['running', 'failed', 'aborted', 'waiting', 'done'].indexOf(state);
}
