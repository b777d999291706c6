import type { CachedStep } from '../../cache/cached-step.ts';
import { type CachedSteps, DamagedBytes } from '../../cache/cached-steps.ts';
import { StorageError } from '../../errors/storage-errors.ts';
import type { ArtifactRecord } from '../../plugin/records.ts';
import type { Cell } from '../cell.ts';
import type { CacheTroubles } from './cache-troubles.ts';
import type { PlacedStep } from './placed-step.ts';

/**
 * @internal Copies the artifacts of a cached step to where they would be if it had run in this cell;
 * `undefined` when the cache does not hold them any more.
 * @throws StorageError when they can't be stored there, which stops the run as for any artifact.
 */
export async function placeStep(
  cached: CachedStep,
  step: string,
  cell: Cell,
  steps: CachedSteps,
  troubles: CacheTroubles,
): Promise<PlacedStep | undefined> {
  const placed: ArtifactRecord[] = [];
  for (const artifact of cached.artifacts) {
    // Given up: another try may be writing the same files by now.
    if (cell.signal.aborted) return undefined;
    const { replicate, condition } = cell;
    const source = new WatchedSource(steps.bytes(artifact));
    try {
      placed.push(await cell.sink.write({ replicate, condition, step, name: artifact.name }, source));
    } catch (error) {
      const { failure } = source;
      if (!failure) {
        if (error instanceof StorageError) cell.run.fail(error);
        throw error;
      }
      if (failure.error instanceof DamagedBytes) troubles.damaged(step);
      else troubles.failed('read', failure.error);
      return undefined;
    }
  }
  return { ...cached, placed };
}

/** Tells whether it was reading that failed, or writing. */
class WatchedSource implements AsyncIterable<Uint8Array> {
  failure: { readonly error: unknown } | undefined;
  readonly #pieces: AsyncIterable<Uint8Array>;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#pieces;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}
