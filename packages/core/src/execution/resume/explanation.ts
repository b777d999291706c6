import type { ExperimentInfo } from '../../plugin/records.ts';
import type { Accepted } from '../run-options.ts';

/** What a resume would do, and why. Nothing was run or written to find it out. */
export interface Explanation extends Iterable<PlannedCell> {
  readonly experiment: ExperimentInfo;
  /** The version that goes on; `undefined` when nothing is stored to go on with, or the store has no versions. */
  readonly version: number | undefined;
  readonly seed: number | undefined;
  readonly replicates: number;
  /** `baseline` first. */
  readonly conditions: readonly string[];
  /** Every cell that was asked for, replicate by replicate. */
  readonly cells: readonly PlannedCell[];
  /** How many of them are there already, and how many would be run. */
  readonly restored: number;
  readonly missing: number;
  /**
   * What differs from what is stored. Without `accept`, `run({ strategy: 'resume' })` refuses to go on
   * with those that are not accepted; the cells are told as if they were.
   */
  readonly differences: readonly Difference[];
  /** What the user should know beside that, such as parts of the code that can't be compared. */
  readonly notes: readonly string[];
}

/** What a resume would do with one cell. */
export interface PlannedCell {
  readonly replicate: number;
  readonly condition: string;
  readonly action: 'restore' | 'run';
  /** The one reason, as a phrase: `done in v0`, `it failed: …`, `never ran`, … */
  readonly reason: string;
}

/** Something in which a stored run and the one that is to go on with it differ. */
export interface Difference {
  /** What `accept` takes to go on all the same. */
  readonly kind: Accepted;
  /** A sentence that names the difference. */
  readonly message: string;
  readonly accepted: boolean;
}
