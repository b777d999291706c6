import type { StoreLock } from '@crystallize/core/storage';
import type { RunPlace } from './run-place.ts';

/** A version that one run may write, until it is released. */
export interface VersionHold {
  readonly place: RunPlace;
  readonly lock: StoreLock;
  /** Makes the version's folders this run's own, if they are another's until now. */
  take(): Promise<void>;
  /**
   * Brings what was replaced to its end: deletes it when this run has committed a cell, else restores it.
   * @param committed - Whether a cell is known to be committed.
   */
  settle(committed: boolean): Promise<void>;
}
