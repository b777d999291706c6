import type { MetricValues } from '@crystallize/core';
import { StatsInputError } from '../stats-input-error.ts';

/**
 * The one metric that a verifier is to test, checked to hold numbers on both sides.
 *
 * @param test Name of the verifier, for messages.
 * @param wanted Its option `metric`.
 * @throws StatsInputError `STATS_METRIC_UNSUITABLE`.
 */
export function metricUnderTest(
  test: string,
  wanted: string | undefined,
  baseline: MetricValues,
  treatment: MetricValues,
): string {
  const names = [...new Set([...Object.keys(baseline), ...Object.keys(treatment)])];
  const metric = wanted ?? onlyOf(test, names);
  if (!names.includes(metric)) {
    unsuitable(
      `${test} is to test the metric '${metric}', and the hypothesis gives it ${listed(names)}. Add '${metric}' to the metrics of the hypothesis, or correct the name.`,
    );
  }
  requireNumbers(test, metric, 'baseline', baseline[metric]);
  requireNumbers(test, metric, 'treatment', treatment[metric]);
  return metric;
}

function onlyOf(test: string, names: readonly string[]): string {
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  return unsuitable(
    `${test} tests one metric, and the hypothesis gives it ${listed(names)}. Make a hypothesis for each metric, or name one: ${test}({ metric: '${only ?? 'accuracy'}' }).`,
  );
}

function requireNumbers(
  test: string,
  metric: string,
  side: string,
  values: readonly unknown[] | undefined,
): void {
  if (values === undefined) unsuitable(`${test}: the ${side} has no values of the metric '${metric}'.`);
  if (values.length === 0 || values.some((value) => typeof value === 'number' || typeof value === 'bigint'))
    return;
  unsuitable(
    `${test} compares means of numbers, and the metric '${metric}' of the ${side} holds none: its first value is ${describe(values[0])}. Record a number (a boolean as 0 or 1), or use another verifier.`,
  );
}

function unsuitable(message: string): never {
  throw new StatsInputError('STATS_METRIC_UNSUITABLE', message);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', ');
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`;
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
