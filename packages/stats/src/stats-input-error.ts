import { CrystallizeError, type ErrorCode } from '@crystallize/core';

declare module '@crystallize/core' {
  interface ErrorCodes {
    /** An option of a statistical test is unknown or out of its range. */
    STATS_OPTION_INVALID: true;
    /** The metric to be tested is missing, not the only one, or does not hold numbers. */
    STATS_METRIC_UNSUITABLE: true;
    /** Two samples that should be pairs differ in length. */
    STATS_SAMPLES_UNPAIRED: true;
  }
}

/** What {@link StatsInputError} is thrown for. */
export type StatsInputErrorCode = Extract<ErrorCode, `STATS_${string}`>;

/**
 * A test was asked for what it can't do, whatever the numbers are. Numbers that can't be tested (too few,
 * infinite) are no error: they give a result with a NaN p-value and a `reason`.
 */
export class StatsInputError extends CrystallizeError {
  constructor(code: StatsInputErrorCode, message: string) {
    super(code, message);
  }
}
