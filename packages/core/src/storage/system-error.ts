import { StorageError } from '../errors/storage-errors.ts';

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, then resume the run',
  EDQUOT: 'the disk quota is used up. Free some space, then resume the run',
  EFBIG: 'the file would be larger than this system allows',
  EROFS: 'the file system is read-only. Choose another folder, or mount it for writing',
  EACCES: 'permission was denied. Check who owns the folder and what its mode is',
  EPERM: 'the system does not permit it. Check who owns the folder and what its mode is',
  EMFILE: 'too many files are open in this process. Raise the limit (ulimit -n) or lower the concurrency',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the device reported an error. Check the disk before you trust what is on it',
  ESTALE: 'the network file system lost the file. Check the mount',
  ELOOP: 'there is a symbolic link where none is allowed, or a loop of them',
  ENAMETOOLONG: 'the path is longer than this system allows. Use shorter names or a shorter root folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'there is a folder where a file is expected',
  EXDEV: 'the folder lies on more than one file system',
  ENOENT: 'it is not there any more. Did something else remove it?',
};

/** The code of a system's error, such as `ENOSPC`; `undefined` for other errors. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error says that a file is not there, and nothing else. */
export function isMissing(error: unknown): boolean {
  const code = errnoOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * An error of the system as one of ours, with what to do about it.
 * @param action - What failed, such as `write the artifact`.
 */
export function systemError(action: string, path: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const code = errnoOf(cause);
  const reason = (code && hints[code]) ?? (cause instanceof Error ? cause.message : String(cause));
  return new StorageError(`Could not ${action} ${path}: ${reason}${code ? ` (${code})` : ''}.`, { cause });
}
