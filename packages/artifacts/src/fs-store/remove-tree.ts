import { sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { errnoOf, type FileSystem, systemError } from '@crystallize/core/storage';

/** After this many calls other work gets its turn. */
const turn = 200;

/** Removes a folder with all in it. Links are removed, never followed; a missing folder is no error. */
export async function removeTree(fs: FileSystem, path: string): Promise<void> {
  let calls = 0;
  const removeIn = async (folder: string): Promise<void> => {
    const entries = tolerate(() => fs.readdir(folder), 'list', folder);
    for (const { name, kind } of entries ?? []) {
      const inner = `${folder}${sep}${name}`;
      if (kind === 'folder') await removeIn(inner);
      else tolerate(() => fs.unlink(inner), 'remove', inner);
      calls += 1;
      if (calls % turn === 0) await setImmediate();
    }
    tolerate(() => fs.rmdir(folder), 'remove', folder);
  };
  await removeIn(path);
}

function tolerate<T>(operation: () => T, action: string, path: string): T | undefined {
  try {
    return operation();
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw systemError(action, path, cause);
  }
}
