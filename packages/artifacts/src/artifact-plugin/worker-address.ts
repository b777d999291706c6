import { StorageError } from '@crystallize/core';
import { type ArtifactStore, claimKey, parseClaim } from '@crystallize/core/storage';
import type { RunAddress } from './run-place.ts';
import { announcementKey } from './sole-version.ts';

/** What a worker is told of the run: where it is kept, as plain data. */
export interface WorkerAddress extends RunAddress {
  /** `ReadableStore.location` of the main process's store. */
  readonly location: string;
}

/**
 * Makes sure that the store which this worker has built holds the run that the main process has begun.
 * @throws StorageError when it does not, as with a store in memory.
 */
export async function joinRun(store: ArtifactStore, address: WorkerAddress): Promise<RunAddress> {
  const { run, directory, version, replaces, location } = address;
  if (store.location !== location) {
    throw new StorageError(
      `The run is kept in ${location}, but the ArtifactPlugin that this worker has built stores in ${store.location}. Make its options the same in every process: give rootDir as an absolute path, or one that doesn't depend on the process.`,
    );
  }
  for (const key of [claimKey(directory, version), ...(replaces ? [announcementKey(directory, run)] : [])]) {
    const claim = await store.get(key);
    if (claim && parseClaim(claim, key).run === run) return { run, directory, version, replaces };
  }
  throw new StorageError(
    `The store that this worker has built (${location}) does not hold the run that the main process has begun: what a worker wrote would be lost. Use a store that every process reaches, such as fsStore(folder), or run the cells in one thread.`,
  );
}
