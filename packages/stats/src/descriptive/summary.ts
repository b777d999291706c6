import { moments } from './moments.ts';
import { type Sample, sampleOf } from './sample.ts';
import { unitOf } from './unit-of.ts';

/** Size, mean and spread of a sample. */
export interface Summary {
  /** How many numbers; NaN and what is no number are not counted. */
  readonly n: number;
  /** NaN when there are none; ±Infinity or NaN when infinite values are among them. */
  readonly mean: number;
  /** Standard deviation with n − 1. NaN below two numbers, and with infinite ones. */
  readonly sd: number;
}

/**
 * Size, mean and standard deviation, right to the last digits also where the values are large and
 * close together. NaN and what is no number are left out.
 *
 * @example
 * summary([1, 2, 3, 4]); // { n: 4, mean: 2.5, sd: 1.2909944487358056 }
 */
export function summary(values: ArrayLike<number>): Summary {
  return summaryOf(sampleOf(values));
}

/** {@link summary} of numbers that are sorted out already. */
export function summaryOf({ values, infinite, size }: Sample): Summary {
  if (infinite > 0) {
    const mean = values.reduce((sum, value) => (Number.isFinite(value) ? sum : sum + value), 0);
    return { n: values.length, mean, sd: Number.NaN };
  }
  const unit = unitOf(size);
  const { n, mean, sd } = moments(unit === 1 ? values : values.map((value) => value / unit));
  return { n, mean: mean * unit, sd: sd * unit };
}
