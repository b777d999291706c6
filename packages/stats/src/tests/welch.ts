import { differenceOfMeans, type Moments, moments } from '../descriptive/moments.ts';
import { type Sample, sampleOf } from '../descriptive/sample.ts';
import { summaryOf } from '../descriptive/summary.ts';
import { unitOf } from '../descriptive/unit-of.ts';
import { hedgesCorrection } from '../effect/hedges-correction.ts';
import { inferFromT, inferWithoutSpread, noInference } from './t-inference.ts';
import { resolveTTestOptions, type TTestOptions } from './t-test-options.ts';
import type { WelchResult } from './t-test-result.ts';
import { roundingOf, untestable, withoutSpreadReason } from './untestable.ts';

/**
 * Welch's t-test: do two independent samples have the same mean, whatever their variances? Welch, "The
 * generalization of 'Student's' problem when several different population variances are involved",
 * Biometrika 34 (1947). The degrees of freedom are those of Satterthwaite, Biometrics Bulletin 2 (1946).
 *
 * The effect size is Hedges' g: the mean difference over the pooled standard deviation, times
 * {@link hedgesCorrection} with n₁ + n₂ − 2 degrees of freedom.
 *
 * NaN and what is no number are left out and counted in `dropped`. Where nothing can be tested (fewer
 * than two values on a side, infinite values) the p-value is NaN and `reason` says why. Where both sides
 * are constant up to rounding, the p-value is the limit for a vanishing spread (two-sided: 1 without a
 * difference, 0 with one), again with a `reason`.
 *
 * @throws StatsInputError `STATS_OPTION_INVALID`.
 *
 * @example
 * const { pValue, interval } = welch([5.1, 4.9, 5.4, 5.0], [5.8, 6.1, 5.7, 6.4]);
 */
export function welch(
  baseline: ArrayLike<number>,
  treatment: ArrayLike<number>,
  options: TTestOptions = {},
): WelchResult {
  return welchOf(sampleOf(baseline), sampleOf(treatment), resolveTTestOptions('welch', options));
}

/** {@link welch} of samples that are sorted out already. */
export function welchOf(baseline: Sample, treatment: Sample, options: Required<TTestOptions>): WelchResult {
  const sides = { baseline: summaryOf(baseline), treatment: summaryOf(treatment) };
  const fixed = {
    method: "Welch's t-test",
    alternative: options.alternative,
    confidence: options.confidence,
    effectSizeKind: "Hedges' g",
    ...sides,
    n: { baseline: sides.baseline.n, treatment: sides.treatment.n },
    dropped: baseline.dropped + treatment.dropped,
  } as const;
  const problem = untestable({ baseline, treatment }, 'value');
  if (problem !== undefined) {
    const meanDifference = sides.treatment.mean - sides.baseline.mean;
    return { ...fixed, ...noInference, meanDifference, effectSize: Number.NaN, reason: problem };
  }

  const size = Math.max(baseline.size, treatment.size);
  const unit = unitOf(size);
  const rounding = roundingOf(size / unit);
  const a = inUnit(baseline, unit);
  const b = inUnit(treatment, unit);
  const difference = differenceOfMeans(a, b);
  if (a.range <= rounding && b.range <= rounding) {
    const clear = Math.abs(difference) <= rounding ? 0 : difference;
    const inference = inferWithoutSpread(clear * unit, Number.NaN, options);
    return {
      ...fixed,
      ...inference,
      meanDifference: clear * unit,
      effectSize: inference.statistic,
      reason: withoutSpreadReason('Both sides are constant up to rounding', clear),
    };
  }

  const ownA = (a.sd * a.sd) / a.n;
  const ownB = (b.sd * b.sd) / b.n;
  const both = ownA + ownB;
  const degreesOfFreedom = 1 / ((ownA / both) ** 2 / (a.n - 1) + (ownB / both) ** 2 / (b.n - 1));
  const inference = inferFromT(difference, Math.sqrt(both), degreesOfFreedom, options);
  const pooledFreedom = a.n + b.n - 2;
  const pooled = Math.sqrt(((a.n - 1) * a.sd * a.sd + (b.n - 1) * b.sd * b.sd) / pooledFreedom);
  return {
    ...fixed,
    ...inference,
    interval: [inference.interval[0] * unit, inference.interval[1] * unit],
    meanDifference: difference * unit,
    effectSize: hedgesCorrection(pooledFreedom) * (difference / pooled),
  };
}

function inUnit({ values }: Sample, unit: number): Moments {
  return moments(unit === 1 ? values : values.map((value) => value / unit));
}
