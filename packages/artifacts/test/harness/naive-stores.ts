import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { type ArtifactStore, fsStore } from '@crystallize/artifacts';
import type { FileSystem } from '@crystallize/core/storage';
import { storeRoot } from './recovery.ts';

/** Stores as one might write them at first, by what is wrong with them. */
export const naiveStores: Readonly<Record<string, (fs: FileSystem) => ArtifactStore>> = {
  'does not sync anything': (fs) => fsStore(storeRoot, { fs, durability: 'process' }),
  'syncs files, and no folder': (fs) => fsStore(storeRoot, { fs: withoutFolderSyncs(fs) }),
  'writes straight to the final name': (fs) => writingInPlace(fs),
};

/** A store that says that all is well when it is not. */
export function swallowingStore(fs: FileSystem): ArtifactStore {
  const store = fsStore(storeRoot, { fs });
  return changed(store, {
    put: async (key, body, options) => {
      const size = body instanceof Uint8Array ? body.length : 0;
      return store.put(key, body, options).catch(() => ({ size, sha256: '' }));
    },
  });
}

function withoutFolderSyncs(fs: FileSystem): FileSystem {
  return { ...fs, fsync: async (fd) => (fs.fstat(fd).kind === 'folder' ? undefined : fs.fsync(fd)) };
}

function writingInPlace(fs: FileSystem): ArtifactStore {
  const store = fsStore(storeRoot, { fs });
  return changed(store, {
    async put(key, body, options) {
      if (options?.ifAbsent || !(body instanceof Uint8Array)) return store.put(key, body, options);
      const stored = await store.put(`${key}.new`, body);
      const path = `${storeRoot}/${key}`;
      const fd = fs.open(path, constants.O_WRONLY | constants.O_CREAT);
      fs.write(fd, body);
      await fs.fsync(fd);
      fs.close(fd);
      await store.remove(`${key}.new`);
      const folder = fs.open(dirname(path), constants.O_RDONLY);
      await fs.fsync(folder);
      fs.close(folder);
      return stored;
    },
  });
}

function changed(store: ArtifactStore, changes: Partial<ArtifactStore>): ArtifactStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name in changes) return changes[name as keyof ArtifactStore];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
