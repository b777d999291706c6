import { inspect } from 'node:util';
import type { CellFailedError } from '@crystallize/core';
import { count } from '../text/count.ts';
import type { Paint } from '../text/paint.ts';
import { plainLine, plainText } from '../text/plain-text.ts';
import type { UserFrames } from '../text/user-frames.ts';
import { wrap } from '../text/width.ts';

/** Groups shown; the document of `--json` has every error. */
const MOST_GROUPS = 10;
/** Lines of a message, such as of an assertion with a long difference. */
const MOST_LINES = 16;

/** Cells that failed alike. */
export interface ErrorGroup {
  readonly step: string;
  /** The first of them. */
  readonly error: CellFailedError;
  readonly cells: readonly { readonly replicate: number; readonly condition: string }[];
}

/** Puts errors of the same step and message together, most frequent first. */
export function groupErrors(errors: readonly CellFailedError[]): readonly ErrorGroup[] {
  const groups = new Map<string, CellFailedError[]>();
  for (const error of errors) {
    const key = `${error.step}\n${originalMessage(error.cause)}`;
    const same = groups.get(key);
    if (same) same.push(error);
    else groups.set(key, [error]);
  }
  return [...groups.values()]
    .map((same) => ({ step: same[0]?.step ?? '', error: same[0] as CellFailedError, cells: same }))
    .sort((a, b) => b.cells.length - a.cells.length);
}

/** How errors are shown. */
export interface ErrorStyle {
  readonly width: number;
  readonly paint: Paint;
  readonly frames: UserFrames;
  /** Whole stacks. */
  readonly verbose: boolean;
}

/** Each kind of failure once: the step, the message, which cells, and where in the user's code. */
export function errorLines(errors: readonly CellFailedError[], style: ErrorStyle): readonly string[] {
  const groups = groupErrors(errors);
  const shown = style.verbose ? groups : groups.slice(0, MOST_GROUPS);
  const rest = groups.length - shown.length;
  return [
    ...shown.flatMap((group) => groupLines(group, style)),
    ...(rest > 0 ? [`and ${count(rest, 'more kind')} of error: --verbose shows all`] : []),
  ];
}

function groupLines(
  { step, error, cells }: ErrorGroup,
  { width, paint, frames, verbose }: ErrorStyle,
): readonly string[] {
  const message = wrap(`${plainLine(step)}: ${plainText(originalMessage(error.cause))}`, width);
  const where = wrap(`${count(cells.length, 'cell')}: ${cellRanges(cells)}`, width - 2);
  const indented = (lines: readonly string[]) => lines.map((line) => paint('faint', `  ${line}`));
  if (verbose)
    return [
      ...message.map((line) => paint('bad', line)),
      ...indented(where),
      ...indented(plainText(inspect(error.cause)).split('\n')),
    ];
  return [
    ...shortened(message).map((line) => paint('bad', line)),
    ...indented(where),
    ...indented(causeLines(error.cause, frames).flatMap((line) => wrap(line, width - 2))),
  ];
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines;
  return [
    ...lines.slice(0, MOST_LINES),
    `… ${count(lines.length - MOST_LINES, 'more line')}: --verbose shows all`,
  ];
}

/** The user's frames of an error, then of the errors that caused it. */
export function causeLines(error: unknown, frames: UserFrames): readonly string[] {
  const lines: string[] = [];
  let at = error;
  let said = '';
  for (let depth = 0; at instanceof Error && depth < 5; depth++) {
    // Errors that wrap another often repeat what it says.
    if (depth > 0 && !said.includes(at.message)) lines.push(`caused by ${plainLine(originalMessage(at))}`);
    said = at.message;
    lines.push(...frames.of(at.stack).map((frame) => `at ${frame}`));
    at = at.cause;
  }
  return lines;
}

/** What was thrown, with the kind of error where that says more than `Error`. */
export function originalMessage(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : inspect(error, { depth: 1 });
  const message = error.message || '(no message)';
  // Our own errors say all in their sentence.
  const named = error.name !== 'Error' && error.name !== 'Thrown' && !isCrystallize(error);
  return named ? `${error.name}: ${message}` : message;
}

function isCrystallize(error: Error): boolean {
  return (
    'code' in error &&
    typeof error.code === 'string' &&
    /^[A-Z]+_[A-Z_]+$/.test(error.code) &&
    !error.code.startsWith('ERR_')
  );
}

/** `baseline #0–#4, #7; k=15 #2`: which cells, in few words. */
export function cellRanges(cells: ErrorGroup['cells']): string {
  const byCondition = new Map<string, number[]>();
  for (const { condition, replicate } of cells) {
    const list = byCondition.get(condition);
    if (list) list.push(replicate);
    else byCondition.set(condition, [replicate]);
  }
  const all = [...byCondition].map(
    ([condition, replicates]) => `${plainLine(condition)} ${ranges(replicates).join(', ')}`,
  );
  const shown = all.slice(0, 6);
  return all.length > shown.length
    ? `${shown.join('; ')} and ${count(all.length - shown.length, 'more condition')}`
    : shown.join('; ');
}

function ranges(numbers: readonly number[]): readonly string[] {
  const found: { first: number; last: number }[] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const current = found.at(-1);
    if (current && number === current.last + 1) current.last = number;
    else found.push({ first: number, last: number });
  }
  const shown = found
    .slice(0, 8)
    .map(({ first, last }) => (first === last ? `#${first}` : `#${first}–#${last}`));
  return found.length > shown.length ? [...shown, '…'] : shown;
}
