import { setTimeout as delay } from 'node:timers/promises';
import { type FileSystem, RunLockedError } from '@crystallize/core/storage';
import { type LockFile, type LockOwner, readLockFile } from './lock-file.ts';

const longestPause = 500;
const looksPerLease = 30;

/**
 * Watches a lock whose owner can't be seen from here: on another machine, or in another container. Its
 * owner changes the file's time again and again as long as it lives. Only whether that changes is
 * looked at, and the time is taken by this process's own clock: those of two machines may differ.
 *
 * @param seen - The file as it was found.
 * @param lease - In milliseconds; the owner's own counts where it is longer.
 * @returns the file, when it did not change for the whole lease: its owner is dead; `undefined` when it
 * is gone.
 * @throws RunLockedError at the first sign of life.
 */
export async function watchForLife(
  fs: FileSystem,
  path: string,
  seen: LockFile,
  lease: number,
  signal?: AbortSignal,
): Promise<LockFile | undefined> {
  const needed = Math.max(lease, seen.owner.lease ?? 0);
  const pause = Math.min(longestPause, needed / looksPerLease);
  let last = performance.now();
  for (let watched = 0; watched < needed; ) {
    await wait(pause, signal);
    const found = readLockFile(fs, path);
    if (!found) return undefined;
    if (!isUnchanged(seen, found)) throw isAlive(path, found.owner);
    const now = performance.now();
    // Of a time in which this process stood still only a little counts: the owner, on a machine that
    // stood still as well, could not give a sign in it.
    watched += Math.min(now - last, 2 * pause);
    last = now;
  }
  return seen;
}

/** Whether nothing has happened to a lock between two looks at it. */
export function isUnchanged(before: LockFile, after: LockFile): boolean {
  return before.owner.token === after.owner.token && before.mtime === after.mtime;
}

function isAlive(path: string, { host, pid, takenAt }: LockOwner): RunLockedError {
  return new RunLockedError(
    `${path} is held by the process ${pid} on ${host} since ${takenAt}, which lives: it gave a sign while this process watched. Wait until that has ended.`,
  );
}

/** A timer that keeps the process alive: someone waits for the lock. It is gone when the signal comes. */
async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
