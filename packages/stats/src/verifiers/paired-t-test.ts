import type { Verifier } from '@crystallize/core';
import { pairedOf } from '../tests/paired.ts';
import { resolveTTestOptions } from '../tests/t-test-options.ts';
import type { PairedResult } from '../tests/t-test-result.ts';
import { lackingReplicates } from './lacking-replicates.ts';
import { metricUnderTest } from './metric-under-test.ts';
import { type TTestVerifierOptions, VERIFIER_OPTIONS, type Verified } from './t-test-verifier.ts';

/**
 * A verifier that compares one metric replicate by replicate by the paired t-test (see {@link paired}).
 * It uses the replicates that have a value under both conditions; the others are counted in `dropped`.
 *
 * @throws StatsInputError `STATS_OPTION_INVALID` at once. The verifier itself throws
 * `STATS_METRIC_UNSUITABLE`, for several metrics of which none is named and for one without numbers.
 *
 * @example
 * hypothesis({ metrics: ['accuracy', 'loss'], verifier: pairedTTest({ metric: 'loss', alternative: 'less' }) })
 */
export function pairedTTest(options: TTestVerifierOptions = {}): Verifier<Verified<PairedResult>> {
  const resolved = resolveTTestOptions('pairedTTest', options, VERIFIER_OPTIONS);
  const wanted = options.metric;
  return (baseline, treatment, info) => {
    const metric = metricUnderTest('pairedTTest', wanted, baseline, treatment);
    const pairs = info.pairs[metric] ?? [];
    const result = pairedOf(
      pairs.map((pair) => pair.baseline),
      pairs.map((pair) => pair.treatment),
      resolved,
    );
    return { metric, ...result, dropped: result.dropped + lackingReplicates(metric, info) };
  };
}
