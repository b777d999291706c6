import { dirname, join } from 'node:path';
import { errnoOf, livenessOf, RunLockedError, systemError, temporaryPrefix } from '@crystallize/core/storage';
import { linkExclusively } from './link-exclusively.ts';
import { isHeldBy, type LockFile, readLockFile, removeLock } from './lock-file.ts';
import { type LockTools, type TakenLock, writeOwner } from './owner-file.ts';
import { isUnchanged, watchForLife } from './signs-of-life.ts';

const mostAttempts = 50;

/**
 * Takes a lock: a file that says who holds it. That of a dead process is taken over. A second lock,
 * named after what stood in the dead one, decides who may replace it; so no living owner's file is
 * ever removed by mistake, however many processes try at once.
 *
 * @throws RunLockedError when another owner holds it, or may.
 */
export async function acquireLock(tools: LockTools, path: string): Promise<TakenLock> {
  const { fs } = tools;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    tools.signal?.throwIfAborted();
    const created = await create(tools, path);
    if (created) return created;
    const found = readLockFile(fs, path);
    const dead = found && (await findDead(tools, path, found));
    // Released meanwhile.
    if (!dead) continue;
    const right = join(dirname(path), `${temporaryPrefix}takeover-${dead.owner.token}`);
    const held = await acquireLock(tools, right);
    try {
      const taken = await replace(tools, path, dead, () => isHeldBy(fs, right, held.token));
      if (taken) return taken;
    } finally {
      fs.close(held.fd);
      if (isHeldBy(fs, right, held.token)) removeLock(fs, right);
    }
  }
  throw new RunLockedError(
    `Could not take the lock ${path}: other processes keep taking and releasing it. Try again later.`,
  );
}

/** The lock file when its owner is dead; `undefined` when it is gone. @throws RunLockedError when it may live. */
async function findDead(tools: LockTools, path: string, found: LockFile): Promise<LockFile | undefined> {
  const { owner } = found;
  const liveness = livenessOf(owner, tools.identity);
  if (liveness === 'dead') return found;
  if (liveness === 'unknown' && owner.lease !== undefined)
    return watchForLife(tools.fs, path, found, tools.lease, tools.signal);
  const isThis = liveness === 'alive' && owner.pid === tools.identity.pid;
  const who = isThis ? 'this process' : `the process ${owner.pid} on ${owner.host}`;
  // Of its own runs a process knows that they go on: to remove the file would let two write one version.
  const advice = isThis
    ? 'Wait until that run has ended.'
    : 'Wait until that has ended; if it has, remove the file.';
  const doubt = liveness === 'unknown' ? " Whether it still lives can't be seen from here." : '';
  throw new RunLockedError(`${path} is held by ${who} since ${owner.takenAt}.${doubt} ${advice}`);
}

/** `undefined` when another has the lock. Its content is there when its name is. */
async function create(tools: LockTools, path: string): Promise<TakenLock | undefined> {
  const { fs } = tools;
  const { temporary, ...taken } = await writeOwner(tools, path);
  try {
    linkExclusively(fs, temporary, path);
    return taken;
  } catch (cause) {
    fs.close(taken.fd);
    removeLock(fs, temporary);
    // The second is said where there are no links, while another process is at it.
    if (['EEXIST', 'OBJECT_EXISTS'].includes(errnoOf(cause) ?? '')) return undefined;
    throw systemError('take the lock', path, cause);
  }
}

/**
 * Puts a lock in the place of a dead one, unless something has happened to that.
 * @param mayReplace - Whether nobody else replaces what the dead owner left, so that what is read here stays.
 */
async function replace(
  tools: LockTools,
  path: string,
  dead: LockFile,
  mayReplace: () => boolean,
): Promise<TakenLock | undefined> {
  const { fs } = tools;
  const { temporary, ...taken } = await writeOwner(tools, path);
  let replaced = false;
  try {
    // Between these looks and the rename nothing is waited for.
    const found = readLockFile(fs, path);
    if (!found || !isUnchanged(dead, found) || !mayReplace()) return undefined;
    fs.rename(temporary, path);
    replaced = true;
    return taken;
  } catch (cause) {
    throw cause instanceof RunLockedError ? cause : systemError('take over the lock', path, cause);
  } finally {
    if (!replaced) {
      fs.close(taken.fd);
      removeLock(fs, temporary);
    }
  }
}
