import type { HypothesisResult } from '@crystallize/core';
import { count } from '../text/count.ts';
import { figure, pValue } from '../text/figures.ts';
import type { Paint } from '../text/paint.ts';
import { plainLine } from '../text/plain-text.ts';
import { type Column, type TableCell, table } from '../text/table.ts';
import { wrap } from '../text/width.ts';

/** What verifiers commonly return, by title, under the names in use. */
const KNOWN: readonly {
  readonly title: string;
  readonly keys: readonly string[];
  readonly show: (value: number) => string;
}[] = [
  { title: 'p', keys: ['pValue', 'p_value', 'p'], show: pValue },
  { title: 'effect', keys: ['effectSize', 'effect_size'], show: figure },
  { title: 'difference', keys: ['meanDifference', 'mean_difference', 'difference'], show: figure },
];
const MOST_OTHERS = 3;

/** What came of a hypothesis: a row for each treatment, best first. */
export function hypothesisLines(
  hypothesis: HypothesisResult,
  width: number,
  paint: Paint,
): readonly string[] {
  const { name, results, ranking, error } = hypothesis;
  const order = [...new Set([...ranking.ranked.map(([treatment]) => treatment), ...Object.keys(results)])];
  const objects = order.map((treatment) => groupsOf(results[treatment]));
  const shown = columnsOf(objects.flat());
  const scores = new Map(ranking.ranked);
  const scored = !shown.some(({ title }) => title === 'p') && scores.size > 0;
  const columns: readonly Column[] = [
    { title: plainLine(name) },
    ...shown.map(({ title }, index): Column => ({ title, align: 'right', expendable: index })),
    ...(scored ? [{ title: 'score', align: 'right', expendable: 0 } as const] : []),
    { title: '', expendable: 9 },
  ];
  const rows = order.map((treatment, index): readonly TableCell[] => {
    const groups = objects[index] ?? [];
    const marks = [
      ...(ranking.best === treatment ? ['best'] : []),
      ...(groups.length > 0 && groups.every((group) => group['significant'] === true) ? ['significant'] : []),
    ];
    return [
      plainLine(treatment),
      ...shown.map(
        ({ keys, show }) => groups.map((group) => shownValue(fieldOf(group, keys), show)).join(', ') || '–',
      ),
      ...(scored ? [figure(scores.get(treatment) ?? Number.NaN)] : []),
      { text: marks.join(', '), tone: 'good' },
    ];
  });
  const notes = [...methodNotes(objects.flat()), ...reasonNotes(order, objects)];
  const { lines } = table(columns, rows, width, paint);
  return [
    ...lines,
    ...notes.flatMap((note) => wrap(plainLine(note), width)).map((note) => paint('faint', note)),
    ...(error
      ? wrap(`not evaluated: ${plainLine(error.message)}`, width).map((line) => paint('bad', line))
      : []),
  ];
}

type Group = Readonly<Record<string, unknown>>;

interface Shown {
  readonly title: string;
  readonly keys: readonly string[];
  readonly show: (value: number) => string;
}

/** What a verifier returned, as a list: one object per group of metrics. */
function groupsOf(result: unknown): readonly Group[] {
  return (Array.isArray(result) ? result : [result]).filter(
    (group) => typeof group === 'object' && group !== null,
  );
}

/** The usual columns; where a verifier returns none of them, its own numbers under their own names. */
function columnsOf(groups: readonly Group[]): readonly Shown[] {
  const known = KNOWN.filter(({ keys }) => groups.some((group) => typeof fieldOf(group, keys) === 'number'));
  if (known.length > 0) return known;
  const own = new Set(
    groups.flatMap((group) => Object.keys(group).filter((key) => typeof group[key] === 'number')),
  );
  return [...own].slice(0, MOST_OTHERS).map((key) => ({ title: plainLine(key), keys: [key], show: figure }));
}

function fieldOf(group: Group, keys: readonly string[]): unknown {
  return keys.map((key) => group[key]).find((value) => value !== undefined);
}

function shownValue(value: unknown, show: (value: number) => string): string {
  return typeof value === 'number' ? show(value) : '–';
}

/** Which test it was, and what its effect size is. */
function methodNotes(groups: readonly Group[]): readonly string[] {
  const said = groups.flatMap(({ method, effectSizeKind }) => {
    if (typeof method !== 'string') return [];
    return [typeof effectSizeKind === 'string' ? `${method}; effect: ${effectSizeKind}` : method];
  });
  return [...new Set(said)];
}

/** Why a test's numbers are not those of an ordinary test: each reason once. */
function reasonNotes(
  treatments: readonly string[],
  results: readonly (readonly Group[])[],
): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const [index, treatment] of treatments.entries()) {
    for (const { reason } of results[index] ?? []) {
      if (typeof reason !== 'string') continue;
      byReason.set(reason, [...(byReason.get(reason) ?? []), treatment]);
    }
  }
  return [...byReason].map(([reason, [first = '', ...more]]) => {
    const others = more.length > 0 ? ` and ${count(more.length, 'other')}` : '';
    return `${first}${others}: ${reason}`;
  });
}
