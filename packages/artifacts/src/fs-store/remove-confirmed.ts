import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { errnoOf, type FileSystem, StorageError, temporaryPrefix } from '@crystallize/core/storage';
import { linkExclusively } from './link-exclusively.ts';

/** The removal was not confirmed; `cause` says why. */
export class NotConfirmed extends Error {}

/**
 * Removes a file if that is confirmed when it is out of its place already: what comes to its place
 * from then on is another file, and stays.
 *
 * @throws NotConfirmed with the error of `confirm`; the file is in its place again, unless that is taken.
 */
export async function removeConfirmed(
  fs: FileSystem,
  path: string,
  confirm: () => Promise<void>,
): Promise<void> {
  const aside = join(dirname(path), `${temporaryPrefix}removed-${randomUUID()}`);
  fs.rename(path, aside);
  try {
    await confirm();
  } catch (cause) {
    putBack(fs, aside, path);
    throw new NotConfirmed('The removal was not confirmed', { cause });
  }
  fs.unlink(aside);
}

function putBack(fs: FileSystem, aside: string, path: string): void {
  try {
    linkExclusively(fs, aside, path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') {
      throw new StorageError(
        `Could not put ${path} back, the removal of which was not confirmed: it is in ${aside} now. Rename that file.`,
        { cause: error },
      );
    }
    // What is there by now is newer.
    fs.unlink(aside);
  }
}
