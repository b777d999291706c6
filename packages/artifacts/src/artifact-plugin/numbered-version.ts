import { type RunHandle, RunLockedError } from '@crystallize/core';
import { type ArtifactStore, nextVersion, type StoreLock } from '@crystallize/core/storage';
import { claimVersion } from './claim-version.ts';
import { findReplacements, settleReplacement } from './replacement.ts';
import { RunPlace } from './run-place.ts';
import type { VersionHold } from './version-hold.ts';
import { versionLockKey } from './version-lock-key.ts';

/**
 * Takes the next number for a run. Of several processes that ask at once each gets its own, because a
 * number is taken by creating its claim exclusively; it is not used again, whatever becomes of the run.
 */
export async function holdNextVersion(store: ArtifactStore, run: RunHandle): Promise<VersionHold> {
  const { directory } = run.experiment;
  const lowest = await settleOlder(store, directory);
  let version = Math.max(lowest, await nextVersion(store, directory));
  for (; ; version++) {
    if (!(await claimVersion(store, run, version))) continue;
    const lock = await lockVersion(store, directory, version);
    if (!lock) continue;
    const place = new RunPlace(store, { run: run.id, directory, version, replaces: false });
    return { place, lock, take: async () => undefined, settle: async () => undefined };
  }
}

/** Takes the lock of a version; `undefined` when an unversioned run has that of `v0`. */
async function lockVersion(
  store: ArtifactStore,
  directory: string,
  version: number,
): Promise<StoreLock | undefined> {
  try {
    return await store.lock(versionLockKey(directory, version));
  } catch (error) {
    // An unversioned run has begun just now, and v0 will be its own.
    if (version === 0 && error instanceof RunLockedError) return undefined;
    throw error;
  }
}

/**
 * Unversioned runs that were killed may have left an older run aside, whose place is `v0`. Returns the
 * lowest number that may be claimed.
 */
export async function settleOlder(store: ArtifactStore, directory: string): Promise<number> {
  const left = await findReplacements(store, directory);
  if (left.length === 0) return 0;
  const lock = await lockVersion(store, directory, 0);
  if (!lock) return 1;
  try {
    for (const run of left) await settleReplacement(store, directory, run);
  } finally {
    await lock.release();
  }
  return 0;
}
