import type { Explanation, PlannedCell } from '@crystallize/core';
import { count, grouped } from '../text/count.ts';
import type { Paint } from '../text/paint.ts';
import { plainLine, plainText } from '../text/plain-text.ts';
import { pad, widthOf, wrap } from '../text/width.ts';
import { differenceLines } from './difference-lines.ts';
import { reasonsOf } from './reason-groups.ts';

/** How an explanation is shown. */
export interface ExplanationStyle {
  readonly width: number;
  readonly paint: Paint;
  /** Each cell with its reason. */
  readonly verbose: boolean;
}

const INDENT = '  ';
const GAP = '  ';
const WIDEST_NAME = 28;
/** Reasons get lines of their own rather than a column narrower than this. */
const NARROWEST = 24;

/** What a resume would do, in lines no wider than asked for: conditions, differences, notes, counts. */
export function explanationLines(explanation: Explanation, style: ExplanationStyle): readonly string[] {
  const { cells, conditions, differences, notes, restored, missing, replicates } = explanation;
  const { paint, verbose } = style;
  const width = Math.max(20, style.width - INDENT.length);
  const sections = [
    ['', ...conditionLines(explanation, width)],
    ...(verbose ? [['cells', ...cells.flatMap((cell) => cellLines(cell, width))]] : []),
    section('differences', differenceLines(differences, width)),
    section(
      'notes',
      notes.flatMap((note) =>
        wrap(plainText(note), width - 2).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`),
      ),
    ),
  ].filter((lines) => lines.length > 0);
  const shape = `${count(conditions.length, 'condition')} × ${count(replicates, 'replicate')}`;
  const total = `${count(cells.length, 'cell')} (${shape}): ${grouped(restored)} restored, ${grouped(missing)} to run`;
  return [
    ...headline(explanation, style),
    ...sections.flatMap(([title = '', ...lines]) => [
      '',
      ...(title === '' ? [] : [paint('strong', title)]),
      ...lines.map((line) => INDENT + line),
    ]),
    '',
    ...wrap(total, width).map((line) => INDENT + line),
  ];
}

function headline(
  { experiment, version, seed, restored }: Explanation,
  { width, paint }: ExplanationStyle,
): readonly string[] {
  const name = plainLine(experiment.directory);
  const known = seed === undefined ? '' : `, seed ${seed}`;
  const what =
    version !== undefined
      ? `v${version} goes on${known}`
      : restored > 0
        ? `what is stored goes on${known}`
        : 'nothing is stored: a new run begins';
  const [first = '', ...more] = wrap(`${name}: ${what}`, width);
  return [first.startsWith(name) ? paint('strong', name) + first.slice(name.length) : first, ...more];
}

function conditionLines({ cells, conditions }: Explanation, width: number): readonly string[] {
  const byCondition = new Map<string, PlannedCell[]>(conditions.map((condition) => [condition, []]));
  for (const cell of cells) byCondition.get(cell.condition)?.push(cell);
  const names = conditions.map(plainLine);
  const nameWidth = Math.min(WIDEST_NAME, Math.max(0, ...names.map(widthOf)));
  const room = width - nameWidth - GAP.length;
  return [...byCondition].flatMap(([condition, own]) => {
    const name = plainLine(condition);
    const text = conditionText(own);
    if (room < NARROWEST || widthOf(name) > nameWidth)
      return [...wrap(name, width), ...wrap(text, width - GAP.length).map((line) => GAP + line)];
    return wrap(text, room).map((line, index) => pad(index === 0 ? name : '', nameWidth) + GAP + line);
  });
}

function conditionText(cells: readonly PlannedCell[]): string {
  const restored = cells.filter(({ action }) => action === 'restore');
  const missing = cells.filter(({ action }) => action === 'run');
  const parts = [
    ...(restored.length > 0 ? [`${grouped(restored.length)} restored (${reasonsOf(restored)})`] : []),
    ...(missing.length > 0 ? [`${grouped(missing.length)} to run: ${reasonsOf(missing)}`] : []),
  ];
  return `${count(cells.length, 'cell')}: ${parts.join(', ')}`;
}

function cellLines({ condition, replicate, action, reason }: PlannedCell, width: number): readonly string[] {
  const what = action === 'restore' ? 'restored' : 'to run';
  return wrap(plainLine(`${condition} #${replicate}  ${what}: ${reason}`), width);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}
