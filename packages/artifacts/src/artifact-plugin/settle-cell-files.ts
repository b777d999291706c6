import { createHash } from 'node:crypto';
import type { ArtifactRecord, CellRecord } from '@crystallize/core';
import { type ArtifactStore, StorageError, type StoreLock } from '@crystallize/core/storage';
import { assertHeld } from './assert-held.ts';
import type { VersionHold } from './version-hold.ts';

const MOST_ATTEMPTS = 3;

/**
 * Sees that the folder of a cell holds the files of its record, and no others, before the record is
 * committed. `undefined` when there is nothing to be done, as for most cells.
 *
 * @throws StorageError when another process has taken over the run.
 */
export function settleCellFiles(
  store: ArtifactStore,
  hold: VersionHold,
  record: CellRecord,
): Promise<void> | undefined {
  const mayWait = hold.place.address.replaces && record.artifacts.length > 0;
  // What a worker has written that died, or an attempt on another machine, nobody else knows of.
  const mayHaveLeftovers = record.attempts > 1 || record.error?.code === 'WORKER_DIED';
  return mayWait || mayHaveLeftovers ? settle(store, hold, record, mayWait, mayHaveLeftovers) : undefined;
}

async function settle(
  store: ArtifactStore,
  hold: VersionHold,
  record: CellRecord,
  mayWait: boolean,
  mayHaveLeftovers: boolean,
): Promise<void> {
  if (mayWait) await bringHome(store, hold, record);
  if (mayHaveLeftovers) await removeLeftovers(store, hold, record);
}

/**
 * Brings the files of a cell that had to wait to their place. Of files that are there already those stay
 * that the record is of: a later attempt may have written in place, and what waits is that of the one before.
 * Others give way: a worker that has outlived its run may have left them.
 */
async function bringHome(
  store: ArtifactStore,
  { place, lock }: VersionHold,
  record: CellRecord,
): Promise<void> {
  const from = place.waitingFolder(record);
  const to = place.folderOf(record);
  const waits = (await store.children(from)).length > 0;
  if (waits && !(await holds(store, to, record.artifacts))) {
    await moveToFree(store, lock, from, to);
  }
  place.forget(record);
}

/**
 * Moves a folder to where what is kept gives way, as often as some process writes there meanwhile that has lost
 * the lock and does not know it yet.
 */
async function moveToFree(store: ArtifactStore, lock: StoreLock, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    // One by one, since this process may be stopped at any time: by when it goes on, what is there may be
    // the work of the next owner, who has removed what waits here.
    await removeFiles(store, to, lock);
    await assertHeld(lock);
    try {
      return await store.moveAll(from, to);
    } catch (error) {
      const isTaken = error instanceof StorageError && error.code === 'OBJECT_EXISTS';
      if (!isTaken || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** Whether a folder holds what the record says, byte for byte. */
async function holds(
  store: ArtifactStore,
  folder: string,
  artifacts: readonly ArtifactRecord[],
): Promise<boolean> {
  for (const artifact of artifacts) {
    const { size, sha256 } = artifact;
    const key = keyIn(folder, artifact);
    if ((await store.size(key)) !== size) return false;
    const hash = createHash('sha256');
    for await (const piece of store.stream(key)) hash.update(piece);
    if (hash.digest('hex') !== sha256) return false;
  }
  return true;
}

function removeLeftovers(
  store: ArtifactStore,
  { place, lock }: VersionHold,
  record: CellRecord,
): Promise<void> {
  const folder = place.folderOf(record);
  return removeFiles(store, folder, lock, new Set(record.artifacts.map((file) => keyIn(folder, file))));
}

/** Removes the files of a folder, but for some, as long as the lock is held. */
async function removeFiles(
  store: ArtifactStore,
  folder: string,
  lock: StoreLock,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list(folder)) if (!kept.has(key)) keys.push(key);
  for (const key of keys) await store.remove(key, { confirm: () => assertHeld(lock) });
}

function keyIn(folder: string, { step, name }: ArtifactRecord): string {
  return `${folder}/${step}/${name}`;
}
