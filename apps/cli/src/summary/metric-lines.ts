import { count } from '../text/count.ts';
import { figuresFor } from '../text/figures.ts';
import type { Paint } from '../text/paint.ts';
import { plainLine } from '../text/plain-text.ts';
import { type Column, type TableCell, table } from '../text/table.ts';
import { wrap } from '../text/width.ts';
import type { NumericMetric, OtherMetric } from './metric-values.ts';

/** The treatment that a hypothesis ranks first, for the metrics that it is about. */
export interface RankedBest {
  readonly hypothesis: string;
  readonly treatment: string;
  readonly metrics: readonly string[];
}

const COLUMNS: readonly Column[] = [
  { title: '' },
  { title: 'n', align: 'right', expendable: 2 },
  { title: 'mean', align: 'right' },
  { title: 'sd', align: 'right', expendable: 3 },
  { title: 'difference', align: 'right', expendable: 1 },
  { title: '', expendable: 4 },
];

/** A table of one metric: a row for each condition, with its difference from the baseline. */
export function metricLines(
  metric: NumericMetric,
  best: readonly RankedBest[],
  width: number,
  paint: Paint,
): readonly string[] {
  const { conditions, notANumber } = metric;
  const baseline = conditions.find(({ condition }) => condition === 'baseline')?.mean;
  const differences = conditions.map(({ condition, mean }) =>
    condition === 'baseline' || baseline === undefined ? undefined : mean - baseline,
  );
  const show = figuresFor(
    conditions.map(({ mean }) => mean),
    conditions.map(({ sd }) => sd),
  );
  const marks = best.filter(({ metrics }) => metrics.includes(metric.metric));
  const compared = differences.some((difference) => difference !== undefined);
  const spread = conditions.some(({ sd }) => !Number.isNaN(sd));
  const used = [true, true, true, spread, compared, marks.length > 0];
  const rows = conditions.map(({ condition, n, mean, sd }, index): readonly TableCell[] => {
    const difference = differences[index];
    const marked = marks.some(({ treatment }) => treatment === condition);
    return [
      plainLine(condition),
      String(n),
      { text: show(mean), tone: 'strong' },
      show(sd),
      difference === undefined ? '' : signed(show(difference)),
      marked ? { text: '*', tone: 'good' } : '',
    ].filter((_cell, column) => used[column]) as readonly TableCell[];
  });
  const columns = COLUMNS.map((column, index) =>
    index === 0 ? { ...column, title: plainLine(metric.metric) } : column,
  ).filter((_column, index) => used[index]);
  const { lines, dropped } = table(columns, rows, width, paint);
  const notes = [
    ...marks.map(
      ({ hypothesis, treatment }) => `* ranked best by '${plainLine(hypothesis)}': ${plainLine(treatment)}`,
    ),
    ...(notANumber > 0 ? [`${count(notANumber, 'value')} NaN, not counted`] : []),
    ...(dropped.some((title) => title !== '')
      ? [`too narrow for: ${dropped.filter((title) => title !== '').join(', ')}`]
      : []),
  ];
  return [...lines, ...notes.flatMap((note) => wrap(note, width)).map((note) => paint('faint', note))];
}

/** Says which metrics were recorded that have no mean. */
export function otherMetricLines(metrics: readonly OtherMetric[], width: number): readonly string[] {
  if (metrics.length === 0) return [];
  const list = metrics
    .map(({ metric, kinds }) => `${plainLine(metric)} (${kinds.map(plainLine).join(', ')})`)
    .join(', ');
  return wrap(`recorded as well, without a mean: ${list}`, width);
}

function signed(text: string): string {
  return /^[-–]/.test(text) || /^[0.]+$/.test(text) ? text : `+${text}`;
}
