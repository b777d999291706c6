import type { Sample } from '../descriptive/sample.ts';

/** Two sides with the numbers that a test is to use. */
export interface Sides {
  readonly baseline: Sample;
  readonly treatment: Sample;
}

/**
 * Why two samples can't be tested, as a sentence; undefined when they can.
 *
 * @param noun What a side consists of, `value` or `pair`.
 */
export function untestable({ baseline, treatment }: Sides, noun: 'value' | 'pair'): string | undefined {
  const fewer = Math.min(baseline.values.length, treatment.values.length);
  if (fewer < 2) {
    const found =
      noun === 'pair'
        ? `there ${fewer === 1 ? 'is 1' : 'are none'}`
        : `the baseline has ${baseline.values.length} and the treatment ${treatment.values.length}`;
    const needed = noun === 'pair' ? 'at least 2 pairs' : 'at least 2 values on each side';
    return `The test needs ${needed}, and ${found}. Run more replicates.`;
  }
  if (baseline.infinite + treatment.infinite > 0) {
    return (
      `Infinite values have no mean to compare: the baseline has ${baseline.infinite} of them and the ` +
      `treatment ${treatment.infinite}. Record a bounded metric, or test ranks instead of means.`
    );
  }
  return undefined;
}

/**
 * How far apart values of this size may lie and still be the same up to rounding: four times the distance
 * between neighbouring doubles, which is what a few additions in another order make.
 */
export function roundingOf(size: number): number {
  return 4 * Number.EPSILON * size;
}

/** Said where the spread that a test needs is missing. */
export function withoutSpreadReason(what: string, difference: number): string {
  return difference === 0
    ? `${what}, so there is no difference and no spread: the statistic is 0.`
    : `${what}, so there is no spread to hold the difference against: the statistic is infinite, and the p-value says only which side is greater. More replicates won't change that; vary the seed or the data.`;
}
