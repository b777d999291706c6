export { type Summary, summary } from './descriptive/summary.ts';
export { StatsInputError, type StatsInputErrorCode } from './stats-input-error.ts';
export { paired } from './tests/paired.ts';
export type { Alternative, TTestOptions } from './tests/t-test-options.ts';
export type { PairedResult, TTestResult, WelchResult } from './tests/t-test-result.ts';
export { welch } from './tests/welch.ts';
export { pairedTTest } from './verifiers/paired-t-test.ts';
export type { TTestVerifierOptions, Verified } from './verifiers/t-test-verifier.ts';
export { welchTTest } from './verifiers/welch-t-test.ts';
