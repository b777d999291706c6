import type { TTestOptions } from '../tests/t-test-options.ts';
import type { TTestResult } from '../tests/t-test-result.ts';

/** How a t-test verifies a hypothesis. */
export interface TTestVerifierOptions extends TTestOptions {
  /** The metric to test. Needed only in a hypothesis with several; default: the hypothesis's own. */
  readonly metric?: string;
}

/** A test's result, with the metric it is about. */
export type Verified<R extends TTestResult> = R & {
  /** The metric that was tested. */
  readonly metric: string;
};

/** Names of the options, for checks at run time. */
export const VERIFIER_OPTIONS: readonly string[] = ['alternative', 'confidence', 'metric'];
