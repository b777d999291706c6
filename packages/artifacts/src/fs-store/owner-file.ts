import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, type FileSystem, type ProcessIdentity, systemError } from '@crystallize/core/storage';
import type { LockOwner } from './lock-file.ts';
import type { Publisher } from './publish.ts';

/** What file systems say on which a file's times can't be set. */
const noTimes = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** What a lock is taken with. */
export interface LockTools {
  readonly fs: FileSystem;
  readonly publisher: Publisher;
  /** Who takes it. */
  readonly identity: ProcessIdentity;
  /** In milliseconds. */
  readonly lease: number;
  readonly signal?: AbortSignal | undefined;
}

/** A lock that was taken. */
export interface TakenLock {
  readonly token: string;
  /**
   * The lock file, open. Whatever becomes of its name, this stays the owner's own file: signs of life
   * that come too late are given on that, and not on the next owner's.
   */
  readonly fd: number;
  /** Whether signs of life can be given. */
  readonly givesSigns: boolean;
}

/** A lock file that has no name yet that others know. */
export interface OwnerFile extends TakenLock {
  readonly temporary: string;
}

/** Writes a lock file beside its place. */
export async function writeOwner(tools: LockTools, path: string): Promise<OwnerFile> {
  const token = randomUUID();
  const owner: LockOwner = { ...tools.identity, token, takenAt: new Date().toISOString() };
  try {
    const file = await write(tools, path, { ...owner, lease: tools.lease });
    if (canSign(tools.fs, file)) return { ...file, token, givesSigns: true };
    // Without a lease: that no sign is seen there must not be taken for death.
    return { ...(await write(tools, path, owner)), token, givesSigns: false };
  } catch (cause) {
    throw systemError('write the lock', path, cause);
  }
}

/** Gives a sign of life: the file's time is another than before. @throws the system's error. */
export function giveSign(fs: FileSystem, fd: number): void {
  fs.futimes(fd, Date.now());
}

type OpenFile = Pick<OwnerFile, 'temporary' | 'fd'>;

async function write({ fs, publisher }: LockTools, path: string, owner: LockOwner): Promise<OpenFile> {
  const bytes = Buffer.from(`${JSON.stringify(owner)}\n`);
  const temporary = await publisher.writeTemporary(dirname(path), bytes);
  try {
    return { temporary, fd: fs.open(temporary, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)) };
  } catch (error) {
    discard(fs, temporary);
    throw error;
  }
}

/** Tries it; the file is gone when that fails. @throws the system's error, unless it says that times can't be set here. */
function canSign(fs: FileSystem, { temporary, fd }: OpenFile): boolean {
  try {
    giveSign(fs, fd);
    return true;
  } catch (error) {
    fs.close(fd);
    discard(fs, temporary);
    if (noTimes.has(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

function discard(fs: FileSystem, temporary: string): void {
  try {
    fs.unlink(temporary);
  } catch {
    // What stays is a temporary file that nobody reads; the error that led here is the one to report.
  }
}
