import { gammaRatioHalf } from '../distributions/gamma-ratio.ts';

/**
 * The factor that makes a standardised mean difference unbiased in small samples:
 * J(m) = Γ(m/2) / (√(m/2) Γ((m − 1)/2)), exact, not the usual 1 − 3/(4m − 1). Hedges, "Distribution
 * theory for Glass's estimator of effect size and related estimators", Journal of Educational
 * Statistics 6 (1981).
 *
 * @param m Degrees of freedom of the standard deviation.
 * @returns NaN below 2: the estimator's mean does not exist there, so nothing can correct it.
 */
export function hedgesCorrection(m: number): number {
  return m < 2 ? Number.NaN : gammaRatioHalf((m - 1) / 2) / Math.sqrt(m / 2);
}
