import { StorageError } from '@crystallize/core';
import type { ArtifactStore } from '@crystallize/core/storage';
import type { RunAddress } from './run-place.ts';
import type { VersionHold } from './version-hold.ts';
import { versionLockKey } from './version-lock-key.ts';

/** What a worker is told of the run: where it is kept, and by which lock it is the main process's. Plain data. */
export interface WorkerAddress extends RunAddress {
  /** `ReadableStore.location` of the main process's store. */
  readonly location: string;
  /** What `ArtifactStore.holds` is asked, in any process, to learn whether the run still is its owner's. */
  readonly lock: { readonly key: string; readonly token: string };
}

/** What workers are told of a run that this process holds. */
export function workerAddress(store: ArtifactStore, { place, lock }: VersionHold): WorkerAddress {
  const { address } = place;
  const key = versionLockKey(address.directory, address.version);
  return { ...address, location: store.location, lock: { key, token: lock.token } };
}

/**
 * Makes sure that the store which this worker has built holds the run that the main process has begun, or
 * goes on with: there, and nowhere else, is the lock that the main process holds.
 * @throws StorageError when it does not, as with a store in memory, or when another process has taken over.
 */
export async function joinRun(store: ArtifactStore, address: WorkerAddress): Promise<RunAddress> {
  const { lock, location, ...place } = address;
  if (store.location !== location) {
    throw new StorageError(
      `The run is kept in ${location}, but the ArtifactPlugin that this worker has built stores in ${store.location}. Make its options the same in every process: give rootDir as an absolute path, or one that doesn't depend on the process.`,
    );
  }
  if (await store.holds(lock.key, lock.token)) return place;
  throw new StorageError(
    `The store that this worker has built (${location}) does not hold the run that the main process has begun: what a worker wrote would be lost. Use a store that every process reaches, such as fsStore(folder), or run the cells in one thread. If the store is the same, the run has ended, or another process has taken it over.`,
  );
}
