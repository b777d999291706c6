import type { VerifierInfo } from '@crystallize/core';

/**
 * How many replicates lack a value of the metric on a side. `info.dropped` counts those that lack any
 * metric of the hypothesis, which is the same where there is only one.
 */
export function lackingReplicates(metric: string, info: VerifierInfo): number {
  if (Object.keys(info.pairs).length <= 1) return info.dropped;
  return info.replicates - new Set(info.pairs[metric]?.map((pair) => pair.replicate)).size;
}
