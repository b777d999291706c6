/** What is committed, and how: the same for both programs. */
export interface CommitTask {
  readonly rootDir: string;
  readonly replicates: number;
  /** Cells under way at the same time. */
  readonly lanes: number;
  readonly durability: 'full' | 'process';
  /** Of a line of the log: for the bare program, what the experiment's lines have on average. */
  readonly lineBytes: number;
}

/** How many cells a replicate has: those of the baseline and of two treatments. */
export const CONDITIONS = 3;

/** The name of the experiment, and so of its folder. */
export const EXPERIMENT = 'commit';
