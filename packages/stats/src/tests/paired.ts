import { differenceOfMeans, moments } from '../descriptive/moments.ts';
import { numberOf, type Sample, sampleOf } from '../descriptive/sample.ts';
import { summaryOf } from '../descriptive/summary.ts';
import { unitOf } from '../descriptive/unit-of.ts';
import { hedgesCorrection } from '../effect/hedges-correction.ts';
import { StatsInputError } from '../stats-input-error.ts';
import { inferFromT, inferWithoutSpread, noInference } from './t-inference.ts';
import { resolveTTestOptions, type TTestOptions } from './t-test-options.ts';
import type { PairedResult } from './t-test-result.ts';
import { roundingOf, untestable, withoutSpreadReason } from './untestable.ts';

/**
 * The paired t-test (Student, "The probable error of a mean", Biometrika 6 (1908)): is the mean of the
 * differences of pairs zero? Where replicates share a seed across conditions, as they do in an
 * experiment, it sees differences that the spread between replicates hides from Welch's test.
 *
 * The effect size is Hedges' g_av: the mean difference over √((s₁² + s₂²)/2) (Lakens, Frontiers in
 * Psychology 4:863, 2013), times {@link hedgesCorrection} with n − 1 degrees of freedom (Cumming,
 * "Understanding the New Statistics", 2012, ch. 11). Unlike g_z, which divides by the standard
 * deviation of the differences, it does not grow with the correlation of the pairs, so it stays
 * comparable with {@link welch} and between experiments. NaN for two pairs, where no correction exists.
 *
 * A pair with a value that is NaN or no number is left out and counted in `dropped`. Where nothing can
 * be tested (fewer than two pairs, infinite values) the p-value is NaN and `reason` says why. Where all
 * differences are the same up to rounding, the p-value is the limit for a vanishing spread (two-sided: 1
 * without a difference, 0 with one), again with a `reason`.
 *
 * @throws StatsInputError `STATS_SAMPLES_UNPAIRED` when the lengths differ; `STATS_OPTION_INVALID`.
 *
 * @example
 * const { pValue, meanDifference } = paired([5.1, 4.9, 5.4], [5.3, 5.2, 5.5], { alternative: 'greater' });
 */
export function paired(
  baseline: ArrayLike<number>,
  treatment: ArrayLike<number>,
  options: TTestOptions = {},
): PairedResult {
  if (baseline.length !== treatment.length) {
    throw new StatsInputError(
      'STATS_SAMPLES_UNPAIRED',
      `paired: the baseline has ${baseline.length} values and the treatment ${treatment.length}. Values are paired by position, so both must be as long; samples that aren't pairs are for welch.`,
    );
  }
  return pairedOf(baseline, treatment, resolveTTestOptions('paired', options));
}

/** {@link paired} of recorded values of any type, as many on each side. */
export function pairedOf(
  recordedBaseline: ArrayLike<unknown>,
  recordedTreatment: ArrayLike<unknown>,
  options: Required<TTestOptions>,
): PairedResult {
  const { baseline, treatment, dropped } = wholePairs(recordedBaseline, recordedTreatment);
  const sides = { baseline: summaryOf(baseline), treatment: summaryOf(treatment) };
  const n = sides.baseline.n;
  const fixed = {
    method: 'Paired t-test',
    alternative: options.alternative,
    confidence: options.confidence,
    effectSizeKind: "Hedges' g_av",
    ...sides,
    n,
    dropped,
  } as const;
  const problem = untestable({ baseline, treatment }, 'pair');
  if (problem !== undefined) {
    const meanDifference = sides.treatment.mean - sides.baseline.mean;
    return { ...fixed, ...noInference, meanDifference, effectSize: Number.NaN, reason: problem };
  }

  const size = Math.max(baseline.size, treatment.size);
  const unit = unitOf(size);
  const rounding = roundingOf(size / unit);
  const a = baseline.values.map((value) => value / unit);
  const b = treatment.values.map((value) => value / unit);
  const momentsA = moments(a);
  const momentsB = moments(b);
  const difference = differenceOfMeans(momentsA, momentsB);
  const differences = b.map((value, index) => value - (a[index] ?? Number.NaN));
  const spread = moments(
    differences,
    b.map((value, index) => roundedOff(value, a[index] ?? Number.NaN)),
  );
  const average = Math.sqrt((momentsA.sd * momentsA.sd + momentsB.sd * momentsB.sd) / 2);
  const effectSizeOf = (mean: number): number =>
    mean === 0 ? 0 : hedgesCorrection(n - 1) * (mean / average);
  if (spread.range <= rounding) {
    const clear = Math.abs(difference) <= rounding ? 0 : difference;
    return {
      ...fixed,
      ...inferWithoutSpread(clear * unit, n - 1, options),
      meanDifference: clear * unit,
      effectSize: effectSizeOf(clear),
      reason: withoutSpreadReason('All pairs differ by the same amount up to rounding', clear),
    };
  }

  const inference = inferFromT(difference, spread.sd / Math.sqrt(n), n - 1, options);
  return {
    ...fixed,
    ...inference,
    interval: [inference.interval[0] * unit, inference.interval[1] * unit],
    meanDifference: difference * unit,
    effectSize: effectSizeOf(difference),
  };
}

/** The pairs of which both values are numbers. */
function wholePairs(
  baseline: ArrayLike<unknown>,
  treatment: ArrayLike<unknown>,
): { readonly baseline: Sample; readonly treatment: Sample; readonly dropped: number } {
  const a: number[] = [];
  const b: number[] = [];
  for (let index = 0; index < baseline.length; index += 1) {
    const left = numberOf(baseline[index]);
    const right = numberOf(treatment[index]);
    if (Number.isNaN(left) || Number.isNaN(right)) continue;
    a.push(left);
    b.push(right);
  }
  return { baseline: sampleOf(a), treatment: sampleOf(b), dropped: baseline.length - a.length };
}

/** What rounding takes from b − a: TwoSum of Knuth, "The Art of Computer Programming" 2, 4.2.2. */
function roundedOff(b: number, a: number): number {
  const rounded = b - a;
  const part = rounded - b;
  return b - (rounded - part) - (a + part);
}
