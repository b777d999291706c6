import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { errnoOf, type FileSystem, StorageError, temporaryPrefix } from '@crystallize/core/storage';

/** What file systems say that have no hard links. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN']);

/**
 * Gives a temporary file its final name if that is free, decided atomically; the temporary name is gone
 * afterwards.
 * @throws the system's error, `EEXIST` when the name is taken.
 */
export function linkExclusively(fs: FileSystem, temporary: string, path: string): void {
  try {
    fs.link(temporary, path);
  } catch (error) {
    if (!noLinks.has(errnoOf(error) ?? '')) throw error;
    renameExclusively(fs, temporary, path);
    return;
  }
  try {
    fs.unlink(temporary);
  } catch {
    // The file is published; a second name that nobody reads does no harm.
  }
}

/** Without hard links: who makes a certain folder may look and then rename. */
function renameExclusively(fs: FileSystem, temporary: string, path: string): void {
  const key = createHash('sha256').update(basename(path)).digest('hex').slice(0, 24);
  const right = join(dirname(path), `${temporaryPrefix}right-${key}`);
  try {
    fs.mkdir(right);
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause;
    throw new StorageError(
      `Could not write ${path}: another process is about to, or died at it. If none is, remove the folder ${right}.`,
      { code: 'OBJECT_EXISTS', cause },
    );
  }
  try {
    if (exists(fs, path))
      throw Object.assign(new Error(`EEXIST: ${path} is there already`), { code: 'EEXIST' });
    fs.rename(temporary, path);
  } finally {
    fs.rmdir(right);
  }
}

function exists(fs: FileSystem, path: string): boolean {
  try {
    fs.lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
