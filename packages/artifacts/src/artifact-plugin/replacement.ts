import {
  type ArtifactStore,
  asideFolder,
  cellLogKey,
  claimKey,
  loadCellLogs,
  parseClaim,
  privateFolder,
  recordsFolder,
  versionFolder,
} from '@crystallize/core/storage';
import { replacementLabel, replacementPrefix } from './replacement-label.ts';

/**
 * How a run takes the place of an older one in `v0`, such that a crash at any point leaves the older
 * run or the new one, never a mixture: the older run's files and records move aside together with the
 * first commit of the new one, and are deleted at its end. What a crash leaves aside is settled by
 * the next run, under the lock: deleted when the new run has committed a cell, else moved back.
 */

const version = 0;

/** Whether a run is there that would be replaced. */
export async function isOccupied(store: ArtifactStore, directory: string): Promise<boolean> {
  const folders = [versionFolder(directory, version), recordsFolder(directory, version)];
  const found = await Promise.all(folders.map((folder) => store.children(folder)));
  return found.some((children) => children.length > 0);
}

/**
 * Moves the older run aside.
 *
 * @param confirm - Called right before each move; throws when the version is another run's by now.
 */
export async function moveOlderAside(
  store: ArtifactStore,
  directory: string,
  run: string,
  confirm: () => Promise<void>,
): Promise<void> {
  const aside = asideFolder(directory, replacementLabel(run));
  // The files first: files without their records would be taken for a run of the Python original.
  await moveIfAny(store, versionFolder(directory, version), `${aside}/files`, confirm);
  await moveIfAny(store, recordsFolder(directory, version), `${aside}/records`, confirm);
}

/** Deletes what a run has replaced, once it has committed a cell. */
export async function deleteOlder(store: ArtifactStore, directory: string, run: string): Promise<void> {
  await store.removeAll(asideFolder(directory, replacementLabel(run)));
}

/** The ids of the runs of which something is aside. */
export async function findReplacements(store: ArtifactStore, directory: string): Promise<readonly string[]> {
  const children = await store.children(`${privateFolder(directory)}/aside`);
  return children
    .map(({ name }) => name)
    .filter((name) => name.startsWith(replacementPrefix))
    .map((name) => name.slice(replacementPrefix.length));
}

/**
 * Brings a replacement that was not finished to one of its two ends. May be repeated after a crash of
 * its own. The caller holds the experiment's lock.
 */
export async function settleReplacement(store: ArtifactStore, directory: string, run: string): Promise<void> {
  const key = claimKey(directory, version);
  const claim = await store.get(key);
  if (claim && parseClaim(claim, key).run === run) {
    const logs = await loadCellLogs(store, directory, version);
    if (logs && logs.cells.length > 0) return deleteOlder(store, directory, run);
    await store.removeAll(versionFolder(directory, version));
    await store.remove(cellLogKey(directory, version, 0));
    // Last: as long as it is there, what lies beside it is known to be the new run's.
    await store.remove(key);
  }
  const aside = asideFolder(directory, replacementLabel(run));
  await moveBack(store, `${aside}/records`, recordsFolder(directory, version));
  await moveBack(store, `${aside}/files`, versionFolder(directory, version));
  await store.removeAll(aside);
}

async function moveBack(store: ArtifactStore, from: string, to: string): Promise<void> {
  if ((await store.children(from)).length === 0) return;
  // A move that broke off has left a part of the older run in its place: it is finished first.
  await moveIfAny(store, to, from);
  await store.moveAll(from, to);
}

async function moveIfAny(
  store: ArtifactStore,
  from: string,
  to: string,
  confirm?: () => Promise<void>,
): Promise<void> {
  if ((await store.children(from)).length === 0) return;
  await confirm?.();
  await store.moveAll(from, to);
}
