/**
 * How much is tried, where it can be more or less: small enough for every change by default, and far more
 * by night, when `scripts/nightly.ts` sets the variables.
 */
export const figures = {
  /** Random crash states per moment and flow, beside those that are tried anyway. */
  subsets: figure('CRYSTALLIZE_CRASH_SUBSETS', 6),
  /** Per moment, how often a single thing that was not safe is lost, at most. */
  singles: figure('CRYSTALLIZE_CRASH_SINGLES', 8),
  /** Crash states, per flow, after whose recovery has crashed as well. */
  doubleCrashes: figure('CRYSTALLIZE_DOUBLE_CRASHES', 2),
  kills: figure('CRYSTALLIZE_KILLS', 200),
  /** Sequences of operations on each store. */
  storeSequences: figure('CRYSTALLIZE_STORE_SEQUENCES', 500),
  /** Sequences of runs, resumes and crashes. */
  runSequences: figure('CRYSTALLIZE_RUN_SEQUENCES', 120),
  /** Random names, beside those that are known to be hostile. */
  names: figure('CRYSTALLIZE_NAMES', 150),
  /** What all that is random follows from. */
  seed: figure('CRYSTALLIZE_SEED', 20_260_901),
  /** Whether every errno is tried on every flow, not only on the first. */
  everyErrno: figure('CRYSTALLIZE_EVERY_ERRNO', 0) > 0,
  /** Milliseconds that one test may take. */
  patience: figure('CRYSTALLIZE_PATIENCE_MS', 300_000),
} as const;

function figure(variable: string, fallback: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`${variable} is a whole number, 0 or more, and this is '${text}'.`);
  return value;
}
