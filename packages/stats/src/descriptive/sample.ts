/** The numbers among recorded values. */
export interface Sample {
  /** In the order they came; ±Infinity is among them, NaN is not. */
  readonly values: readonly number[];
  /** How many were left out: NaN, and whatever is no number. */
  readonly dropped: number;
  /** How many of `values` are ±Infinity. */
  readonly infinite: number;
  /** Largest absolute value; 0 when empty. */
  readonly size: number;
}

/** The number that a recorded value is; NaN when it is none. A bigint counts, a numeric string does not. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : Number.NaN;
}

/** Keeps the numbers and counts the rest. */
export function sampleOf(recorded: ArrayLike<unknown>): Sample {
  const values: number[] = [];
  let infinite = 0;
  let size = 0;
  for (let index = 0; index < recorded.length; index += 1) {
    const value = numberOf(recorded[index]);
    if (Number.isNaN(value)) continue;
    const absolute = Math.abs(value);
    if (absolute === Number.POSITIVE_INFINITY) infinite += 1;
    if (absolute > size) size = absolute;
    values.push(value);
  }
  return { values, dropped: recorded.length - values.length, infinite, size };
}
