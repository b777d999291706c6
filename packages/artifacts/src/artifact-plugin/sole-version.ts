import { RecordUnreadableError, type RunHandle, StorageError } from '@crystallize/core';
import {
  type ArtifactStore,
  asideFolder,
  claimKey,
  listVersions,
  parseClaim,
  type StoreLock,
} from '@crystallize/core/storage';
import { assertHeld } from './assert-held.ts';
import { claimOf, claimVersion } from './claim-version.ts';
import {
  deleteOlder,
  findReplacements,
  isOccupied,
  moveOlderAside,
  settleReplacement,
} from './replacement.ts';
import { replacementLabel } from './replacement-label.ts';
import { RunPlace } from './run-place.ts';
import type { VersionHold } from './version-hold.ts';
import { versionLockKey } from './version-lock-key.ts';

/**
 * Takes `v0` for a run that is not versioned. An older run stays in place until the first commit.
 * @throws RunLockedError while another run writes it.
 * @throws RecordUnreadableError when a newer version of this package has written it.
 */
export async function holdSoleVersion(store: ArtifactStore, run: RunHandle): Promise<VersionHold> {
  const { directory } = run.experiment;
  const lock = await store.lock(versionLockKey(directory, 0));
  try {
    for (const left of await findReplacements(store, directory))
      await settleReplacement(store, directory, left);
    const replaces = (await isOccupied(store, directory)) || !(await claimVersion(store, run, 0));
    if (replaces) {
      await refuseNewer(store, directory);
      await announce(store, run);
    }
    await warnOfNewer(store, run);
    return new SoleVersion(store, run, lock, replaces);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class SoleVersion implements VersionHold {
  readonly place: RunPlace;
  readonly lock: StoreLock;
  readonly #store: ArtifactStore;
  readonly #run: RunHandle;
  readonly #replaces: boolean;

  constructor(store: ArtifactStore, run: RunHandle, lock: StoreLock, replaces: boolean) {
    this.#store = store;
    this.#run = run;
    this.lock = lock;
    this.#replaces = replaces;
    this.place = new RunPlace(store, {
      run: run.id,
      directory: run.experiment.directory,
      version: 0,
      replaces,
    });
  }

  async take(): Promise<void> {
    if (!this.#replaces) return;
    const { directory } = this.#run.experiment;
    await moveOlderAside(this.#store, directory, this.#run.id, () => assertHeld(this.lock));
    if (!(await claimVersion(this.#store, this.#run, 0))) {
      const key = claimKey(directory, 0);
      throw new StorageError(`${key} belongs to another run, although this one holds the lock. Run again.`);
    }
    this.place.markTaken();
  }

  async settle(committed: boolean): Promise<void> {
    if (!this.#replaces) return;
    const end = committed ? deleteOlder : settleReplacement;
    await end(this.#store, this.#run.experiment.directory, this.#run.id);
  }
}

/** What a newer version of this package has written is not this one's to replace. @throws RecordUnreadableError */
async function refuseNewer(store: ArtifactStore, directory: string): Promise<void> {
  const key = claimKey(directory, 0);
  const claim = await store.get(key);
  if (!claim) return;
  try {
    parseClaim(claim, key);
  } catch (error) {
    // One that is damaged says nothing of a format, and goes with the run that it belongs to.
    if (error instanceof RecordUnreadableError && error.code === 'FORMAT_TOO_NEW') throw error;
  }
}

/** Says who is about to replace the older run, for the next run after a crash. */
async function announce(store: ArtifactStore, run: RunHandle): Promise<void> {
  const aside = asideFolder(run.experiment.directory, replacementLabel(run.id));
  await store.put(`${aside}/run.json`, claimOf(run));
}

async function warnOfNewer(store: ArtifactStore, run: RunHandle): Promise<void> {
  const newest = (await listVersions(store, run.experiment.directory)).at(-1) ?? 0;
  if (newest === 0) return;
  run.warn(
    `This run is not versioned and is kept as v0, but versions up to v${newest} of '${run.experiment.directory}' exist, and whoever reads the newest reads v${newest}. Set versioned: true, or use another rootDir.`,
  );
}
