import {
  type FileKind,
  isMissing,
  nodeFileSystem,
  type ReadableStore,
  StorageError,
  systemError,
  temporaryPrefix,
} from '@crystallize/core/storage';

/** What lies in a folder of a store, whatever it is. */
export interface Entries {
  /** By key: all but folders. */
  readonly objects: ReadonlyMap<string, Entry>;
  /** The keys of folders. */
  readonly folders: ReadonlySet<string>;
  /** Folders that could not be read, with the reason. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** One name in a folder. */
export interface Entry {
  readonly kind: Exclude<FileKind, 'folder'>;
  /** Bytes. */
  readonly size: number;
}

/**
 * Lists a folder with all in it. Where the store keeps files, the names are those on disk, with links and
 * all: a store lists only what it would serve. Temporary files are left out.
 * @throws StorageError for stores that keep no files and can't be read.
 */
export async function entriesIn(store: ReadableStore, folder: string): Promise<Entries> {
  const objects = new Map<string, Entry>();
  const folders = new Set<string>();
  const unreadable = new Map<string, string>();
  const root = store.localPath?.(folder);
  if (root === undefined) {
    for await (const { key, size } of store.list(folder)) {
      objects.set(key, { kind: 'file', size });
      for (let end = key.lastIndexOf('/'); end > folder.length; end = key.lastIndexOf('/', end - 1))
        folders.add(key.slice(0, end));
    }
    return { objects, folders, unreadable };
  }
  const walk = (key: string, path: string): void => {
    try {
      for (const { name, kind } of nodeFileSystem.readdir(path)) {
        if (name.startsWith(temporaryPrefix)) continue;
        const child = { key: `${key}/${name}`, path: `${path}/${name}` };
        if (kind === 'folder') {
          folders.add(child.key);
          walk(child.key, child.path);
        } else objects.set(child.key, { kind, size: sizeOf(child.path) });
      }
    } catch (cause) {
      // What vanishes meanwhile was not there.
      if (isMissing(cause)) return;
      unreadable.set(
        key,
        cause instanceof StorageError ? cause.message : systemError('list', path, cause).message,
      );
    }
  };
  if (isLink(root)) objects.set(folder, { kind: 'link', size: 0 });
  else walk(folder, root);
  return { objects, folders, unreadable };
}

function isLink(path: string): boolean {
  try {
    return nodeFileSystem.lstat(path).kind === 'link';
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw systemError('look at', path, cause);
  }
}

function sizeOf(path: string): number {
  try {
    return nodeFileSystem.lstat(path).size;
  } catch (cause) {
    if (isMissing(cause)) return 0;
    throw systemError('look at', path, cause);
  }
}
