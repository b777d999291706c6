import { studentTTwoSided, studentTUpper } from '../distributions/student-t.ts';
import { studentTOneSidedQuantile, studentTTwoSidedQuantile } from '../distributions/student-t-quantile.ts';
import type { Alternative, TTestOptions } from './t-test-options.ts';
import type { TTestResult } from './t-test-result.ts';

/** What follows from an estimate and its standard error alone. */
export type TInference = Pick<
  TTestResult,
  'pValue' | 'significant' | 'statistic' | 'degreesOfFreedom' | 'interval'
>;

/** p-value and interval of a difference whose ratio to its standard error has a t distribution. */
export function inferFromT(
  difference: number,
  standardError: number,
  degreesOfFreedom: number,
  { alternative, confidence }: Required<TTestOptions>,
): TInference {
  const statistic = difference / standardError;
  const pValue = pValueOf(statistic, degreesOfFreedom, alternative);
  const quantile = alternative === 'two-sided' ? studentTTwoSidedQuantile : studentTOneSidedQuantile;
  const margin = quantile(confidence, degreesOfFreedom) * standardError;
  return {
    pValue,
    significant: pValue < 1 - confidence,
    statistic,
    degreesOfFreedom,
    interval: intervalOf(difference, margin, alternative),
  };
}

/**
 * The limit of {@link inferFromT} where the standard error goes to 0: all that is left of the statistic is
 * the sign of the difference.
 */
export function inferWithoutSpread(
  difference: number,
  degreesOfFreedom: number,
  { alternative, confidence }: Required<TTestOptions>,
): TInference {
  const statistic = difference === 0 ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY;
  const pValue = pValueOf(statistic, degreesOfFreedom, alternative);
  const interval = intervalOf(difference, 0, alternative);
  return { pValue, significant: pValue < 1 - confidence, statistic, degreesOfFreedom, interval };
}

/** Where nothing can be inferred. */
export const noInference: TInference = Object.freeze({
  pValue: Number.NaN,
  significant: false,
  statistic: Number.NaN,
  degreesOfFreedom: Number.NaN,
  interval: Object.freeze([Number.NaN, Number.NaN] as const),
});

function pValueOf(statistic: number, degreesOfFreedom: number, alternative: Alternative): number {
  if (alternative === 'two-sided') return studentTTwoSided(statistic, degreesOfFreedom);
  return studentTUpper(alternative === 'greater' ? statistic : -statistic, degreesOfFreedom);
}

function intervalOf(difference: number, margin: number, alternative: Alternative): readonly [number, number] {
  return [
    alternative === 'less' ? Number.NEGATIVE_INFINITY : difference - margin,
    alternative === 'greater' ? Number.POSITIVE_INFINITY : difference + margin,
  ];
}
