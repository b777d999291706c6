import { count, grouped } from '../text/count.ts';
import { duration, rate } from '../text/duration.ts';
import type { Paint, Tone } from '../text/paint.ts';
import { plainLine } from '../text/plain-text.ts';
import { cut, pad, widthOf } from '../text/width.ts';
import { cellRate, type RunProgress, remainingTime } from './run-progress.ts';

/** A part of a line. */
interface Part {
  readonly text: string;
  readonly tone?: Tone;
  /** Parts with the highest number go first where a line is too narrow. */
  readonly expendable: number;
}

const GAP = '  ';
const WIDEST_BAR = 24;
const WIDEST_NAME = 28;
/** What is said of the cell under way is left out rather than cut shorter than this. */
const SHORTEST_CURRENT = 8;

/** How a run's line is drawn. */
export interface BarOptions {
  /** Columns that the line may take. */
  readonly width: number;
  /** Columns of the names, so that bars stand below each other. */
  readonly nameWidth: number;
  readonly now: number;
  readonly paint: Paint;
}

/** Columns that the names of runs need. */
export function nameWidthOf(runs: readonly RunProgress[]): number {
  return Math.min(WIDEST_NAME, Math.max(0, ...runs.map((run) => widthOf(plainLine(run.name)))));
}

/** One run's progress in a line that is never wider than asked for. */
export function barLine(run: RunProgress, { width, nameWidth, now, paint }: BarOptions): string {
  const name = pad(cut(plainLine(run.name), nameWidth), nameWidth);
  const parts = fit([{ text: name, tone: 'strong', expendable: 0 }, ...partsOf(run, now, width)], width);
  const used = widthOfParts(parts);
  const room = width - used - GAP.length;
  const current = currentCell(run);
  const shown: readonly Part[] =
    current !== '' && room >= SHORTEST_CURRENT
      ? [...parts, { text: cut(current, room), tone: 'faint', expendable: 0 }]
      : parts;
  if (used > width) return cut(shown.map(({ text }) => text).join(GAP), width);
  return shown.map(({ text, tone }) => (tone ? paint(tone, text) : text)).join(GAP);
}

function partsOf(run: RunProgress, now: number, width: number): readonly Part[] {
  if (run.state === 'waiting') return [{ text: 'waiting', tone: 'faint', expendable: 1 }];
  const length = Math.max(6, Math.min(WIDEST_BAR, Math.floor(width / 4)));
  const share = run.cells === 0 ? 1 : run.ended / run.cells;
  const full = run.ended === run.cells ? length : Math.min(length - 1, Math.floor(share * length));
  const perSecond = cellRate(run, now);
  const left = remainingTime(run, now);
  const parts: Part[] = [
    { text: `${'━'.repeat(full)}${'─'.repeat(length - full)}`, tone: toneOf(run), expendable: 2 },
    { text: `${grouped(run.ended)}/${grouped(run.cells)}`, expendable: 1 },
  ];
  if (run.restored > 0)
    parts.push({ text: `${grouped(run.restored)} restored`, tone: 'faint', expendable: 3 });
  if (run.failed > 0) parts.push({ text: `${grouped(run.failed)} failed`, tone: 'bad', expendable: 1 });
  if (run.state !== 'running') {
    // `1 failed` says it already.
    if (run.state !== 'failed' || run.failed === 0)
      parts.push({ text: run.state, tone: toneOf(run), expendable: 3 });
    const took = (run.endedAt ?? now) - (run.startedAt ?? now);
    parts.push({ text: duration(took), tone: 'faint', expendable: 4 });
    return parts;
  }
  if (perSecond !== undefined) parts.push({ text: rate(perSecond), tone: 'faint', expendable: 4 });
  if (left !== undefined) parts.push({ text: `${duration(left)} left`, tone: 'faint', expendable: 3 });
  return parts;
}

function toneOf(run: RunProgress): Tone {
  if (run.state === 'aborted') return 'warning';
  if (run.failed > 0 || run.state === 'failed') return 'bad';
  return run.state === 'done' ? 'good' : 'accent';
}

/** The cell that was started last, and how many others are under way. */
function currentCell(run: RunProgress): string {
  const last = [...run.underWay.values()].at(-1);
  if (!last) return '';
  const step = last.step === undefined ? '' : ` ${last.step}`;
  const others = run.underWay.size > 1 ? ` (${count(run.underWay.size, 'cell')} under way)` : '';
  return plainLine(`${last.cell.condition} #${last.cell.replicate}${step}`) + others;
}

function fit(parts: readonly Part[], width: number): readonly Part[] {
  let kept = parts;
  while (kept.length > 1 && widthOfParts(kept) > width) {
    const most = Math.max(...kept.map((part) => part.expendable));
    if (most === 0) break;
    kept = kept.filter((part) => part.expendable !== most);
  }
  return kept;
}

function widthOfParts(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + widthOf(text), GAP.length * (parts.length - 1));
}
