import { inspect } from 'node:util';
import type {
  Hypothesis,
  HypothesisResult,
  MetricValues,
  Pair,
  VerifierInfo,
} from '../definition/hypothesis.ts';
import { MissingMetricError } from '../errors/run-errors.ts';
import { asError } from '../plugin/error-record.ts';
import type { CellStore } from '../result/cell-store.ts';

/** Each condition's values by metric, then by replicate. */
type Values = ReadonlyMap<string, ReadonlyMap<number, readonly unknown[]>>;

/** @internal Tests each hypothesis for each treatment. One that fails is reported on its own. */
export async function evaluateHypotheses(
  hypotheses: readonly Hypothesis[],
  cells: CellStore,
  replicates: number,
): Promise<HypothesisResult[]> {
  if (hypotheses.length === 0) return [];
  const values = new Map(cells.conditions.map((condition) => [condition, collect(cells, condition)]));
  return Promise.all(hypotheses.map((hypothesis) => evaluate(hypothesis, values, replicates)));
}

async function evaluate(
  hypothesis: Hypothesis,
  values: ReadonlyMap<string, Values>,
  replicates: number,
): Promise<HypothesisResult> {
  const { name } = hypothesis;
  const baseline = values.get('baseline') as Values;
  const results: Record<string, unknown> = {};
  const scores: [string, number][] = [];
  let error: Error | undefined;
  for (const [treatment, own] of values) {
    if (treatment === 'baseline') continue;
    try {
      const groups: object[] = [];
      for (const metrics of hypothesis.metrics) {
        const info = compare(metrics, treatment, baseline, own, replicates);
        const found: unknown = await hypothesis.verifier(
          listed(metrics, baseline),
          listed(metrics, own),
          info,
        );
        groups.push(asResult(found, name, treatment));
      }
      const result = hypothesis.grouped ? groups : groups[0];
      results[treatment] = result;
      const score: unknown = (hypothesis.ranker ?? pValueOf)(result);
      scores.push([treatment, typeof score === 'number' ? score : Number.NaN]);
    } catch (thrown) {
      error ??= asError(thrown);
    }
  }
  // Stable: equal scores stay in the order of the treatments.
  const ranked = scores.sort(([, a], [, b]) => compareScores(a, b));
  const [first] = ranked;
  const best = first && !Number.isNaN(first[1]) ? first[0] : undefined;
  return { name, results, ranking: { best, ranked }, ...(error ? { error } : {}) };
}

/** @throws TypeError for what has no fields: a ranker, a report and Python's files all look for those. */
function asResult(found: unknown, hypothesis: string, treatment: string): object {
  if (typeof found === 'object' && found !== null) return found;
  throw new TypeError(
    `The verifier of the hypothesis '${hypothesis}' returned ${inspect(found, { breakLength: Infinity })} for the treatment '${treatment}'. It has to return an object, such as { pValue: 0.03 }.`,
  );
}

function compare(
  metrics: readonly string[],
  treatment: string,
  baseline: Values,
  own: Values,
  replicates: number,
): VerifierInfo {
  const pairs: Record<string, Pair[]> = {};
  const dropped = new Set<number>();
  for (const metric of metrics) {
    for (const [side, name] of [
      [baseline, 'baseline'],
      [own, treatment],
    ] as const) {
      if (!side.has(metric)) throw new MissingMetricError(metric, `condition '${name}'`, [...side.keys()]);
    }
    const list: Pair[] = [];
    for (let replicate = 0; replicate < replicates; replicate++) {
      const ours = own.get(metric)?.get(replicate) ?? [];
      const theirs = baseline.get(metric)?.get(replicate) ?? [];
      const both = Math.min(ours.length, theirs.length);
      if (both === 0) dropped.add(replicate);
      for (let index = 0; index < both; index++) {
        list.push({ replicate, baseline: theirs[index], treatment: ours[index] });
      }
    }
    pairs[metric] = list;
  }
  return { treatment, metrics, pairs, dropped: dropped.size, replicates };
}

function collect(cells: CellStore, condition: string): Values {
  const metrics = new Map<string, Map<number, unknown[]>>();
  for (const { replicate, metric, value } of cells.values(condition)) {
    const byReplicate = metrics.get(metric) ?? new Map<number, unknown[]>();
    metrics.set(metric, byReplicate);
    const list = byReplicate.get(replicate);
    if (list) list.push(value);
    else byReplicate.set(replicate, [value]);
  }
  return metrics;
}

function listed(metrics: readonly string[], values: Values): MetricValues {
  return Object.fromEntries(
    metrics.map((metric) => [metric, [...(values.get(metric)?.values() ?? [])].flat()]),
  );
}

/** The default score: a result's `pValue`, or Python's `p_value`; NaN where it has none. */
function pValueOf(result: unknown): number {
  if (typeof result !== 'object' || result === null) return Number.NaN;
  const { pValue, p_value } = result as { readonly pValue?: unknown; readonly p_value?: unknown };
  const score = pValue ?? p_value;
  return typeof score === 'number' ? score : Number.NaN;
}

/** Lowest first, NaN after everything else, ±Infinity where they belong. */
function compareScores(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}
