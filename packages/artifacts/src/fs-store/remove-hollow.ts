import { sep } from 'node:path';
import { errnoOf, type FileSystem, temporaryPrefix } from '@crystallize/core/storage';

/**
 * Removes a folder that holds no object, nor a folder with one: only empty folders, and temporary files
 * that a crash has left. Whoever reads the store sees no such folder. One that holds an object stays, also
 * when that comes to it meanwhile.
 */
export function removeHollow(fs: FileSystem, path: string): void {
  try {
    if (isHollow(fs, path)) removeIn(fs, path);
  } catch (cause) {
    // Somebody else removes it as well, or has put something there.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(cause) ?? '')) throw cause;
  }
}

function isHollow(fs: FileSystem, folder: string): boolean {
  return fs
    .readdir(folder)
    .every(({ name, kind }) =>
      kind === 'folder' ? isHollow(fs, `${folder}${sep}${name}`) : name.startsWith(temporaryPrefix),
    );
}

function removeIn(fs: FileSystem, folder: string): void {
  for (const { name, kind } of fs.readdir(folder)) {
    const inner = `${folder}${sep}${name}`;
    if (kind === 'folder') removeIn(fs, inner);
    else if (name.startsWith(temporaryPrefix)) fs.unlink(inner);
  }
  fs.rmdir(folder);
}
