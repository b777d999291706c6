import { join } from 'node:path';
import { storeConformance } from '../../src/conformance.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

for (const durability of ['full', 'process'] as const) {
  storeConformance(`fsStore with the durability '${durability}'`, async () => {
    const folder = temporaryFolder();
    // The store makes its root itself.
    const root = join(folder.path, 'not', 'there yet');
    return {
      store: fsStore(root, { durability }),
      reopen: async () => fsStore(root, { durability }),
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  });
}

storeConformance('memoryStore', async () => ({ store: memoryStore() }));
