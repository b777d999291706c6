import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  errnoOf,
  type FileSystem,
  RunLockedError,
  StorageError,
  type StoreLock,
  systemError,
  temporaryPrefix,
} from '@crystallize/core/storage';
import { linkExclusively } from './link-exclusively.ts';
import { identifyProcess, livenessOf, type ProcessIdentity } from './process-identity.ts';
import type { Publisher } from './publish.ts';

const watchInterval = 1000;
const mostAttempts = 50;
const longestOwner = 4096;

/** What stands in a lock file. */
interface LockOwner extends ProcessIdentity {
  /** Tells this taking of the lock from every other. */
  readonly token: string;
  /** For people. */
  readonly takenAt: string;
}

/**
 * Takes a lock: a file that says who holds it. That of a process that has died on this machine is taken
 * over. A second lock, named after what stood in the dead one, decides who may replace it; so no
 * living owner's file is ever removed by mistake, however many processes try at once.
 *
 * @param path - In a folder that exists.
 * @throws RunLockedError when another owner holds it, or may.
 */
export async function takeFileLock(fs: FileSystem, publisher: Publisher, path: string): Promise<StoreLock> {
  return new FsLock(fs, path, await acquire(fs, publisher, path));
}

class FsLock implements StoreLock {
  readonly lost: Promise<never>;
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #token: string;
  readonly #watch: NodeJS.Timeout;

  constructor(fs: FileSystem, path: string, token: string) {
    this.#fs = fs;
    this.#path = path;
    this.#token = token;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    // Whoever does not ask for it is not to be stopped by it.
    promise.catch(() => {});
    this.#watch = setInterval(() => {
      if (this.#isOurs()) return;
      clearInterval(this.#watch);
      reject(
        new StorageError(
          `The lock ${path} was taken away from this process. Something removed or replaced the file.`,
        ),
      );
    }, watchInterval);
    this.#watch.unref();
  }

  async release(): Promise<void> {
    clearInterval(this.#watch);
    if (readOwner(this.#fs, this.#path)?.token === this.#token) remove(this.#fs, this.#path);
  }

  #isOurs(): boolean {
    try {
      return readOwner(this.#fs, this.#path)?.token === this.#token;
    } catch {
      // It can't be read just now; that is no proof that it is lost.
      return true;
    }
  }
}

/** The token under which the lock is now held. */
async function acquire(fs: FileSystem, publisher: Publisher, path: string): Promise<string> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const token = randomUUID();
    if (await create(fs, publisher, path, token)) return token;
    const owner = readOwner(fs, path);
    // Released between the two calls.
    if (!owner) continue;
    refuseUnlessDead(owner, path);
    const right = join(dirname(path), `${temporaryPrefix}takeover-${owner.token}`);
    const rightToken = await acquire(fs, publisher, right);
    try {
      // Nobody but the holder of the right replaces what this owner left, so what is read here stays.
      if (readOwner(fs, path)?.token === owner.token) {
        await replace(fs, publisher, path, token);
        return token;
      }
    } finally {
      if (readOwner(fs, right)?.token === rightToken) remove(fs, right);
    }
  }
  throw new RunLockedError(
    `Could not take the lock ${path}: other processes keep taking and releasing it. Try again later.`,
  );
}

function refuseUnlessDead(owner: LockOwner, path: string): void {
  const liveness = livenessOf(owner);
  if (liveness === 'dead') return;
  const who =
    owner.pid === process.pid && liveness === 'alive'
      ? 'this process'
      : `the process ${owner.pid} on ${owner.host}`;
  const doubt = liveness === 'unknown' ? " Whether it still lives can't be seen from here." : '';
  throw new RunLockedError(
    `${path} is held by ${who} since ${owner.takenAt}.${doubt} Wait until that has ended; if it has, remove the file.`,
  );
}

/** Whether the lock file could be made; its content is there when its name is. */
async function create(fs: FileSystem, publisher: Publisher, path: string, token: string): Promise<boolean> {
  const temporary = await writeOwner(publisher, path, token);
  try {
    linkExclusively(fs, temporary, path);
    return true;
  } catch (cause) {
    remove(fs, temporary);
    // The second is said where there are no links, while another process is at it.
    if (['EEXIST', 'OBJECT_EXISTS'].includes(errnoOf(cause) ?? '')) return false;
    throw systemError('take the lock', path, cause);
  }
}

async function replace(fs: FileSystem, publisher: Publisher, path: string, token: string): Promise<void> {
  const temporary = await writeOwner(publisher, path, token);
  try {
    fs.rename(temporary, path);
  } catch (cause) {
    remove(fs, temporary);
    throw systemError('take over the lock', path, cause);
  }
}

async function writeOwner(publisher: Publisher, path: string, token: string): Promise<string> {
  const owner: LockOwner = { ...identifyProcess(), token, takenAt: new Date().toISOString() };
  try {
    return await publisher.writeTemporary(dirname(path), Buffer.from(`${JSON.stringify(owner)}\n`));
  } catch (cause) {
    throw systemError('write the lock', path, cause);
  }
}

/** Who holds the lock; `undefined` when nobody does. */
function readOwner(fs: FileSystem, path: string): LockOwner | undefined {
  let fd: number;
  try {
    fd = fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw systemError('read the lock', path, cause);
  }
  try {
    const bytes = Buffer.alloc(longestOwner);
    let length: number;
    try {
      length = fs.read(fd, bytes);
    } finally {
      fs.close(fd);
    }
    return parseOwner(bytes.toString('utf8', 0, length), path);
  } catch (cause) {
    throw cause instanceof RunLockedError ? cause : systemError('read the lock', path, cause);
  }
}

function parseOwner(text: string, path: string): LockOwner {
  try {
    const owner = JSON.parse(text) as Partial<LockOwner>;
    const isWhole =
      typeof owner.host === 'string' && Number.isSafeInteger(owner.pid) && (owner.pid as number) > 0;
    // The token becomes part of a file name.
    if (isWhole && /^[0-9a-f-]{36}$/.test(String(owner.token))) return owner as LockOwner;
  } catch {
    // Reported below.
  }
  throw new RunLockedError(
    `The lock ${path} does not say who holds it. If no run is going on there, remove the file.`,
  );
}

function remove(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw systemError('remove the lock', path, cause);
  }
}
