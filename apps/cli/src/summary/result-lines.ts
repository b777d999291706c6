import type { Result } from '@crystallize/core';
import type { LoadedExperiment } from '../loading/experiment-file.ts';
import { count, grouped } from '../text/count.ts';
import { duration } from '../text/duration.ts';
import { plainLine, plainText } from '../text/plain-text.ts';
import { wrap } from '../text/width.ts';
import { differenceLines } from './difference-lines.ts';
import { causeLines, type ErrorStyle, errorLines, originalMessage } from './error-groups.ts';
import { hypothesisLines } from './hypothesis-lines.ts';
import { metricLines, otherMetricLines, type RankedBest } from './metric-lines.ts';
import { metricsOf } from './metric-values.ts';
import { refusalOf } from './refusal.ts';
import { canRestore } from './resume-line.ts';
import { storeLocation } from './store-location.ts';

/** A run that has ended, with what its result does not say. */
export interface EndedRun {
  readonly result: Result;
  /** As defined; its hypotheses say which metrics they are about. */
  readonly experiment: LoadedExperiment | undefined;
  /** Milliseconds; `undefined` where it never started. */
  readonly elapsed: number | undefined;
  /** Whether it was to go on with what is stored. */
  readonly resumed: boolean;
}

const INDENT = '  ';

/** What came of a run, in lines no wider than asked for: metrics, hypotheses, errors, warnings, counts. */
export function resultLines(run: EndedRun, style: ErrorStyle): readonly string[] {
  const { result } = run;
  const { paint } = style;
  const inner = { ...style, width: Math.max(20, style.width - INDENT.length) };
  const sections = [
    ...metricSections(run, inner),
    ...result.hypotheses.map((hypothesis) => [
      'hypothesis',
      ...hypothesisLines(hypothesis, inner.width, paint),
    ]),
    section(`errors in ${count(result.errors.length, 'cell')}`, errorLines(result.errors, inner)),
    section(
      'warnings',
      result.warnings.flatMap((text) => bullet(plainText(text), inner.width)),
    ),
  ].filter((lines) => lines.length > 0);
  return [
    headline(run, style),
    ...sections.flatMap(([title = '', ...lines]) => [
      '',
      ...(title === '' ? [] : [paint('strong', title)]),
      ...indent(lines),
    ]),
    '',
    ...closingLines(run, style),
  ];
}

function metricSections(
  { result, experiment }: EndedRun,
  { width, paint }: ErrorStyle,
): readonly (readonly string[])[] {
  const { numeric, other } = metricsOf(result);
  const best = rankedBest(result, experiment);
  const more = otherMetricLines(other, width);
  return [
    ...numeric.map((metric) => ['', ...metricLines(metric, best, width, paint)]),
    ...(more.length > 0 ? [['', ...more]] : []),
  ];
}

function rankedBest(result: Result, experiment: LoadedExperiment | undefined): readonly RankedBest[] {
  return result.hypotheses.flatMap(({ name, ranking }) => {
    const declared = experiment?.hypotheses?.find((hypothesis) => hypothesis.name === name);
    if (ranking.best === undefined || !declared) return [];
    return [{ hypothesis: name, treatment: ranking.best, metrics: declared.metrics.flat() }];
  });
}

function headline({ result, elapsed }: EndedRun, { width, paint }: ErrorStyle): string {
  const tone = result.status === 'done' ? 'good' : result.status === 'failed' ? 'bad' : 'warning';
  const took = elapsed === undefined || result.error ? '' : ` in ${duration(elapsed)}`;
  const name = plainLine(result.experiment.directory);
  return `${paint('strong', wrap(name, width).join('\n'))} ${paint(tone, result.status)}${took}`;
}

function closingLines(run: EndedRun, { width, paint, frames }: ErrorStyle): readonly string[] {
  const { result } = run;
  if (result.error) {
    const inner = width - INDENT.length;
    const refusal = refusalOf(result.error);
    const text = wrap(refusal?.lead ?? errorText(result), inner);
    const where = result.status === 'failed' ? causeLines(result.error, frames) : [];
    return indent([
      ...text.map((line) => paint('bad', line)),
      ...differenceLines(refusal?.differences ?? [], inner),
      ...where.map((line) => paint('faint', line)),
    ]);
  }
  const conditions = Object.keys(result.treatments).length + 1;
  const parts = [
    `${count(result.executed + result.restored, 'cell')} (${count(conditions, 'condition')} × ${count(result.replicates, 'replicate')})`,
    ...(run.resumed ? [`${grouped(result.executed)} run, ${grouped(result.restored)} restored`] : []),
    ...(result.errors.length > 0 ? [`${grouped(result.errors.length)} failed`] : []),
    `seed ${result.seed}`,
  ];
  // A path stays in one line, so that it can be copied.
  const told = placeOf(result, storeLocation(run.experiment));
  const place = result.dir === undefined ? wrap(told, width - INDENT.length) : [told];
  return indent([...wrap(parts.join(', '), width - INDENT.length), ...place, ...resumeHint(run)]);
}

/** All of the error, but of one that skipped the experiment no more than the first line: its cause is told above. */
function errorText({ status, error }: Result): string {
  const message = plainText(originalMessage(error));
  const end = message.indexOf('\n');
  return status === 'skipped' && end >= 0 ? message.slice(0, end).replace(/:$/, '.') : message;
}

function resumeHint({ result, experiment }: EndedRun): readonly string[] {
  const { length } = result.errors;
  const stored = result.version !== undefined || result.dir !== undefined;
  if (length === 0 || !stored || !experiment || !canRestore(experiment)) return [];
  // Where no cell is done, a resume would rather go on with an older run.
  if (length === result.executed + result.restored) return [];
  return [`--resume runs the ${length === 1 ? 'failed cell' : `${grouped(length)} failed cells`} again`];
}

/** Where the run is kept; `location` is that of its store. */
export function placeOf(
  { version, dir }: { readonly version: number | undefined; readonly dir: string | undefined },
  location: string | undefined,
): string {
  if (dir !== undefined) return `stored in ${plainLine(dir)}`;
  if (version !== undefined)
    return `stored${location === undefined ? '' : ` in ${plainLine(location)}`} as version ${version}`;
  return 'not stored: the experiment has no plugin that stores runs';
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function bullet(text: string, width: number): readonly string[] {
  return wrap(text, width - 2).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? line : INDENT + line));
}
