import { constants } from 'node:fs';
import {
  errnoOf,
  type FileSystem,
  isMissing,
  type ProcessIdentity,
  RunLockedError,
  systemError,
} from '@crystallize/core/storage';

const longestOwner = 4096;

/** What stands in a lock file. */
export interface LockOwner extends ProcessIdentity {
  /** Tells this taking of the lock from every other. */
  readonly token: string;
  /** For people. */
  readonly takenAt: string;
  /**
   * The owner gives signs of life, by the file's time of change; one that gives none for so many
   * milliseconds is dead. An owner without a lease gives none, dead or alive.
   */
  readonly lease?: number;
}

/** A lock file as it was at one moment. */
export interface LockFile {
  readonly owner: LockOwner;
  /** Only to be compared with what it was before: it is of the clock of who knows which machine. */
  readonly mtime: number;
}

/**
 * Reads a lock file; `undefined` when nobody holds the lock. It is opened each time, since network file
 * systems tell an older state of files that are not.
 * @throws RunLockedError when it does not say who holds it.
 */
export function readLockFile(fs: FileSystem, path: string): LockFile | undefined {
  let fd: number;
  try {
    fd = fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw systemError('read the lock', path, cause);
  }
  try {
    const bytes = Buffer.alloc(longestOwner);
    let length: number;
    let mtime: number;
    try {
      ({ mtime } = fs.fstat(fd));
      length = fs.read(fd, bytes);
    } finally {
      fs.close(fd);
    }
    return { owner: parseOwner(bytes.toString('utf8', 0, length), path), mtime };
  } catch (cause) {
    throw cause instanceof RunLockedError ? cause : systemError('read the lock', path, cause);
  }
}

/** Whether that very taking of the lock lasts. */
export function isHeldBy(fs: FileSystem, path: string, token: string): boolean {
  return readLockFile(fs, path)?.owner.token === token;
}

/** Removes a lock file; a missing one is no error. */
export function removeLock(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw systemError('remove the lock', path, cause);
  }
}

function parseOwner(text: string, path: string): LockOwner {
  try {
    const owner = JSON.parse(text) as Partial<LockOwner>;
    const { host, pid, token, lease } = owner;
    const isWhole = typeof host === 'string' && Number.isSafeInteger(pid) && (pid as number) > 0;
    const hasLease = lease === undefined || (typeof lease === 'number' && lease > 0);
    // The token becomes part of a file name.
    if (isWhole && hasLease && /^[0-9a-f-]{36}$/.test(String(token))) return owner as LockOwner;
  } catch {
    // Reported below.
  }
  throw new RunLockedError(
    `The lock ${path} does not say who holds it. If no run is going on there, remove the file.`,
  );
}
