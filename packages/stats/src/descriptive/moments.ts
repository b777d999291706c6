import { compensatedSum } from './compensated-sum.ts';

/** Mean and spread of finite numbers, with the digits that a difference of two means needs. */
export interface Moments {
  readonly n: number;
  /** The mean is `mean + meanRest`; `meanRest` is what does not fit into the double. NaN when empty. */
  readonly mean: number;
  readonly meanRest: number;
  /** Standard deviation with n − 1. NaN for n < 2; exactly 0 when all values are the same. */
  readonly sd: number;
  /** Largest minus smallest value; 0 when empty. */
  readonly range: number;
}

/**
 * Two-pass mean and standard deviation with the correction of Chan, Golub & LeVeque, "Algorithms for
 * computing the sample variance", The American Statistician 37 (1983), over compensated sums.
 *
 * @param values Finite, of a size whose squares and sum don't overflow (see {@link unitOf}).
 * @param rests What rounding took from each value, where that is known.
 */
export function moments(values: readonly number[], rests?: readonly number[]): Moments {
  const n = values.length;
  const [first] = values;
  if (first === undefined) return { n, mean: Number.NaN, meanRest: 0, sd: Number.NaN, range: 0 };
  let least = first;
  let most = first;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least === most && !rests) return { n, mean: first, meanRest: 0, sd: n < 2 ? Number.NaN : 0, range: 0 };

  const total = compensatedSum(values);
  const mean = (total.sum + total.rest) / n;
  // Exact where a value lies near the mean, which is where its digits matter.
  const deviations = values.map((value, index) => value - mean + (rests?.[index] ?? 0));
  const left = compensatedSum(deviations);
  const squares = compensatedSum(deviations.map((deviation) => deviation * deviation));
  const leftover = left.sum + left.rest;
  const variance = (squares.sum + (squares.rest - (leftover * leftover) / n)) / (n - 1);
  const sd = n < 2 ? Number.NaN : Math.sqrt(Math.max(variance, 0));
  return { n, mean, meanRest: leftover / n, sd, range: most - least };
}

/** `b`'s mean minus `a`'s, without the digits that the two rounded means would lose. */
export function differenceOfMeans(a: Moments, b: Moments): number {
  return b.mean - a.mean + (b.meanRest - a.meanRest);
}
