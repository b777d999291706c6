import { gammaRatioHalf } from './gamma-ratio.ts';
import { betaCentreSeries, betaTailFraction } from './incomplete-beta-half.ts';

/**
 * Where series and fraction meet, as y (ν/2 + 2½), about t² = 2: with more, 1 − centre loses digits; with
 * less, the fraction takes many terms and gathers their rounding. Found by trying; the error near the
 * border is 6e-15.
 */
const SERIES_BELOW = 1;

/**
 * Both sides of P(|T| > t), the small one computed directly and the other as its complement, so that
 * neither loses digits: `logTail` is good down to p-values that no double can hold.
 */
export interface StudentTSplit {
  /** ln P(|T| > t). */
  readonly logTail: number;
  /** P(|T| ≤ t). */
  readonly centre: number;
  /** −d ln P(|T| > t) / d ln t. */
  readonly tailSlope: number;
  /** d ln P(|T| ≤ t) / d ln t. */
  readonly centreSlope: number;
}

/**
 * Splits Student's t distribution at ±t. With x = ν / (ν + t²), P(|T| > t) = I_x(ν/2, ½)
 * (Abramowitz & Stegun 26.7.1 with 26.5.27).
 *
 * @param t A number > 0; Infinity is allowed.
 * @param df Degrees of freedom ν > 0, whole or not.
 */
export function splitStudentT(t: number, df: number): StudentTSplit {
  if (t === Number.POSITIVE_INFINITY) {
    return { logTail: Number.NEGATIVE_INFINITY, centre: 1, tailSlope: df, centreSlope: 0 };
  }
  const a = df / 2;
  const u = t / Math.sqrt(df);
  // u² overflows where u is beyond 10¹⁵⁴, and there 1 + u² is u² to the last digit.
  const logOnePlus = u < 1e100 ? Math.log1p((t / df) * t) : 2 * Math.log(u);
  const x = 1 / (1 + u * u);
  const y = u < 1 ? (u * u) / (1 + u * u) : 1 / (1 + 1 / (u * u));
  // t times the density, as a logarithm.
  const logDensity = Math.log(u * gammaRatioHalf(a)) - 0.5 * Math.log(Math.PI) - (a + 0.5) * logOnePlus;
  if (y * (a + 2.5) < SERIES_BELOW) {
    const series = betaCentreSeries(a, y);
    const centre = 2 * Math.exp(logDensity) * series;
    const tail = 1 - centre;
    return {
      logTail: Math.log1p(-centre),
      centre,
      tailSlope: (2 * Math.exp(logDensity)) / tail,
      centreSlope: 1 / series,
    };
  }
  const fraction = betaTailFraction(a, x, y);
  const logTail = logDensity - Math.log(fraction);
  const centre = -Math.expm1(logTail);
  return { logTail, centre, tailSlope: 2 * fraction, centreSlope: (2 * Math.exp(logDensity)) / centre };
}

/** P(|T| > |t|) of Student's t: the two-sided p-value. 1 at t = 0, 0 at ±Infinity. */
export function studentTTwoSided(t: number, df: number): number {
  const size = Math.abs(t);
  return size === 0 ? 1 : Math.exp(splitStudentT(size, df).logTail);
}

/** P(T > t) of Student's t: the p-value of the alternative "greater". */
export function studentTUpper(t: number, df: number): number {
  const half = studentTTwoSided(t, df) / 2;
  return t < 0 ? 1 - half : half;
}
