import type { Verifier } from '@crystallize/core';
import { sampleOf } from '../descriptive/sample.ts';
import { resolveTTestOptions } from '../tests/t-test-options.ts';
import type { WelchResult } from '../tests/t-test-result.ts';
import { welchOf } from '../tests/welch.ts';
import { lackingReplicates } from './lacking-replicates.ts';
import { metricUnderTest } from './metric-under-test.ts';
import { type TTestVerifierOptions, VERIFIER_OPTIONS, type Verified } from './t-test-verifier.ts';

/**
 * A verifier that compares the means of one metric by Welch's t-test (see {@link welch}), with every
 * value that either side has. For conditions that share their seeds, {@link pairedTTest} sees more.
 *
 * @throws StatsInputError `STATS_OPTION_INVALID` at once. The verifier itself throws
 * `STATS_METRIC_UNSUITABLE`, for several metrics of which none is named and for one without numbers.
 *
 * @example
 * hypothesis({ metrics: 'accuracy', verifier: welchTTest({ alternative: 'greater' }) })
 */
export function welchTTest(options: TTestVerifierOptions = {}): Verifier<Verified<WelchResult>> {
  const resolved = resolveTTestOptions('welchTTest', options, VERIFIER_OPTIONS);
  const wanted = options.metric;
  return (baseline, treatment, info) => {
    const metric = metricUnderTest('welchTTest', wanted, baseline, treatment);
    const result = welchOf(sampleOf(baseline[metric] ?? []), sampleOf(treatment[metric] ?? []), resolved);
    return { metric, ...result, dropped: result.dropped + lackingReplicates(metric, info) };
  };
}
