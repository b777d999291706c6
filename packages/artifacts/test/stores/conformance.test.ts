import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type FileSystem, identifyProcess, nodeFileSystem } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { storeConformance } from '../../src/conformance.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

for (const durability of ['full', 'process'] as const) {
  storeConformance(`fsStore with the durability '${durability}'`, async () => {
    const folder = temporaryFolder();
    // The store makes its root itself.
    const root = join(folder.path, 'not', 'there yet');
    let failing = false;
    const fs: FileSystem = {
      ...nodeFileSystem,
      write: (fd, bytes) => {
        if (!failing) return nodeFileSystem.write(fd, bytes);
        failing = false;
        throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
      },
    };
    return {
      store: fsStore(root, { durability, fs }),
      reopen: async () => fsStore(root, { durability }),
      takeLockAway: async (key) => {
        unlinkSync(join(root, key));
        await fsStore(root, { durability }).lock(key);
      },
      lockThenDie: async (key) => {
        // No process has this number.
        const identity = { ...identifyProcess(), pid: 2 ** 30 };
        await fsStore(root, { durability, identity }).lock(key);
      },
      failNextAppend: () => {
        failing = true;
      },
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  });
}

storeConformance('fsStore where there are no hard links', async () => {
  const folder = temporaryFolder();
  const fs: FileSystem = {
    ...nodeFileSystem,
    link: () => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    },
  };
  return {
    store: fsStore(folder.path, { fs }),
    reopen: async () => fsStore(folder.path, { fs }),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  };
});

storeConformance('memoryStore', async () => ({ store: memoryStore() }));

it('a law that is to be skipped must exist', () => {
  const skip = [{ law: 'objects fly', reason: 'they do not' }];
  expect(() => storeConformance('x', async () => ({ store: memoryStore() }), { skip })).toThrow(
    /no such law.*objects fly/,
  );
});
