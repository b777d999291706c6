import type { PairedResult } from '@crystallize/stats';

/**
 * Ranks treatments by how much they gain over the baseline. The default, by p-value, ranks by how sure
 * a difference is; between two that are beyond doubt that says nothing about which is better.
 */
export function largestGain(result: unknown): number {
  return -(result as PairedResult).meanDifference;
}
