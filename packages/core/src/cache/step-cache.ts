import type { ArtifactBody } from '../plugin/plugin.ts';

/**
 * Where the results of cacheable steps are kept: objects under keys, with `/` between the parts. What is
 * in them is core's own affair: it carries checksums, so that a damaged, old or lost object costs time
 * and never changes a result. Several runs and processes may use one at the same time.
 *
 * An error that any of these throws becomes a warning, and the step runs as if nothing was kept.
 */
export interface StepCache {
  /** The last parts of all keys directly in a folder, in any order; none when there is no such folder. */
  names(folder: string): Promise<readonly string[]>;
  /** A whole object; `undefined` when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * An object in pieces.
   * @throws StorageError `OBJECT_MISSING` when there is none.
   */
  stream(key: string): AsyncIterable<Uint8Array>;
  /** Keeps an object, whole or not at all, in place of what was there; of two at once either may win. */
  put(key: string, body: ArtifactBody): Promise<void>;
}
