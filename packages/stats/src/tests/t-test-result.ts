import type { Summary } from '../descriptive/summary.ts';
import type { Alternative } from './t-test-options.ts';

/** What every t-test finds. Differences are treatment minus baseline. */
export interface TTestResult {
  /** Name of the test, for reports. */
  readonly method: string;
  readonly alternative: Alternative;
  /** NaN when there is nothing to test; `reason` then says why. */
  readonly pValue: number;
  /** Whether `pValue` is below 1 − confidence. */
  readonly significant: boolean;
  /** The t statistic; positive where the treatment's mean is the greater. */
  readonly statistic: number;
  /** Often not a whole number in Welch's test. NaN where it is not defined. */
  readonly degreesOfFreedom: number;
  readonly meanDifference: number;
  readonly confidence: number;
  /** Confidence interval of the mean difference; one end is infinite when the alternative is one-sided. */
  readonly interval: readonly [low: number, high: number];
  /** Standardised mean difference; which one, `effectSizeKind` says. */
  readonly effectSize: number;
  /** The values that the test used. */
  readonly baseline: Summary;
  readonly treatment: Summary;
  /**
   * What the test could not use: values that are NaN or no number (in a paired test, the pairs with such
   * a value), and in an experiment also the replicates that lack a value on a side.
   */
  readonly dropped: number;
  /** Why the numbers are not those of an ordinary test. Absent when they are. */
  readonly reason?: string;
}

/** What Welch's test finds. */
export interface WelchResult extends TTestResult {
  readonly method: "Welch's t-test";
  /** Hedges' g over the pooled standard deviation. */
  readonly effectSizeKind: "Hedges' g";
  /** How many values were used on each side. */
  readonly n: { readonly baseline: number; readonly treatment: number };
}

/** What the paired test finds. */
export interface PairedResult extends TTestResult {
  readonly method: 'Paired t-test';
  /** Hedges' g over the root of the mean of both variances. */
  readonly effectSizeKind: "Hedges' g_av";
  /** How many pairs were used. */
  readonly n: number;
}
