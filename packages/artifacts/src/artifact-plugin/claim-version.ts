import { type RunHandle, StorageError } from '@crystallize/core';
import { type ArtifactStore, claimKey, encodeClaim } from '@crystallize/core/storage';
import { processOwner } from './process-owner.ts';

/** Takes a version number for a run; false when it is taken already. Decided by the store, atomically. */
export async function claimVersion(store: ArtifactStore, run: RunHandle, version: number): Promise<boolean> {
  try {
    await store.put(claimKey(run.experiment.directory, version), claimOf(run), { ifAbsent: true });
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.code === 'OBJECT_EXISTS') return false;
    throw error;
  }
}

/** What a claim says: which run of which process. */
export function claimOf(run: RunHandle): Uint8Array {
  return encodeClaim({ run: run.id, claimedAt: Date.now(), owner: processOwner() });
}
