import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore, StoreLog } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { storeLaws } from '../../src/conformance.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The laws that a store breaks, of those that match. */
async function brokenLaws(makeStore: () => ArtifactStore, which = /./): Promise<string[]> {
  const broken: string[] = [];
  for (const { law, check } of storeLaws) {
    if (!which.test(law)) continue;
    try {
      await check({ store: makeStore() });
    } catch {
      broken.push(law);
    }
  }
  return broken;
}

/** A store with some methods replaced. */
function altered(base: ArtifactStore, changes: Partial<ArtifactStore>): ArtifactStore {
  return new Proxy(base, {
    get: (target, name) => {
      if (name in changes) return changes[name as keyof ArtifactStore];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('the laws of a store', () => {
  it('find a store that writes straight to the final name', async () => {
    using folder = temporaryFolder();
    let count = 0;
    const broken = await brokenLaws(() => {
      const root = join(folder.path, String(count++));
      const base = fsStore(root, { durability: 'process' });
      return altered(base, {
        async put(key, body, options) {
          const path = join(root, key);
          mkdirSync(dirname(path), { recursive: true });
          await pipeline(
            body instanceof Uint8Array ? [body] : body,
            createWriteStream(path, { flags: options?.ifAbsent ? 'wx' : 'w' }),
          );
          return { size: (await base.size(key)) ?? 0, sha256: '' };
        },
      });
    });
    expect(broken).toContain('a reader sees an object whole or not at all while it is written');
    expect(broken).toContain('a reader sees the old object or the new one while it is replaced');
    expect(broken).toContain('a body that throws publishes nothing, and its own error is passed on');
    expect(broken).toContain('put reports the size and the sha256 of the bytes');
    expect(broken).not.toContain('put replaces what was there');
  });

  const mutants: readonly (readonly [
    title: string,
    law: RegExp,
    change: (base: ArtifactStore) => Partial<ArtifactStore>,
  ])[] = [
    ['ignores ifAbsent', /ifAbsent/, (base) => ({ put: (key, body) => base.put(key, body) })],
    [
      'has no size for what is empty',
      /byte for byte/,
      (base) => ({ size: async (key) => (await base.size(key)) || undefined }),
    ],
    ['is silent about a missing stream', /OBJECT_MISSING/, () => ({ stream: async function* () {} })],
    [
      'says that missing objects are empty',
      /missing object/,
      (base) => ({ get: async (key) => (await base.get(key)) ?? new Uint8Array() }),
    ],
    [
      'sorts names as people do',
      /sorted by UTF-16/,
      (base) => ({
        children: async (folder) =>
          (await base.children(folder)).toSorted((a, b) => a.name.localeCompare(b.name)),
      }),
    ],
    [
      'lists by prefix, not by folder',
      /every object under a folder/,
      (base) => ({
        async *list(folder) {
          for await (const object of base.list('')) if (object.key.startsWith(folder)) yield object;
        },
      }),
    ],
    [
      'lists one page',
      /listed whole/,
      (base) => ({ children: async (folder) => (await base.children(folder)).slice(0, 1000) }),
    ],
    ['never removes', /removed object is gone/, () => ({ remove: async () => {} })],
    [
      'removes by prefix',
      /removeAll removes/,
      (base) => ({
        async removeAll(folder) {
          for await (const { key } of base.list('')) if (key.startsWith(folder)) await base.remove(key);
        },
      }),
    ],
    ['moves nothing', /moveAll moves/, () => ({ moveAll: async () => {} })],
    [
      'gives a lock to all',
      /exactly one gets it/,
      () => ({
        lock: async () => ({
          token: 'everybody',
          lost: new Promise<never>(() => {}),
          isHeld: async () => true,
          release: async () => {},
        }),
      }),
    ],
    ['says of any token that it holds', /by its token/, () => ({ holds: async () => true })],
    [
      'leaves its logs where they are',
      /listed, moved and removed/,
      (base) => ({ moveAll: async (from, to) => (from === 'f' ? undefined : base.moveAll(from, to)) }),
    ],
    [
      'remembers what it has read',
      /seen at once/,
      (base) => {
        const read = new Map<string, Uint8Array | undefined>();
        return {
          get: async (key) => {
            if (!read.has(key)) read.set(key, await base.get(key));
            return read.get(key);
          },
        };
      },
    ],
    ['takes any key', /could leave the store/, () => ({ get: async () => undefined })],
    [
      'opens logs again',
      /made once/,
      (base) => ({
        createLog: async (key) => {
          await base.remove(key);
          return base.createLog(key);
        },
      }),
    ],
    [
      'loses the order of a log',
      /in the order of the calls/,
      (base) => ({ createLog: async (key) => delayed(await base.createLog(key)) }),
    ],
    [
      'acknowledges before it writes',
      /once the append has resolved/,
      (base) => ({ createLog: async (key) => hasty(await base.createLog(key)) }),
    ],
    [
      'keeps a log open',
      /later appends reject/,
      (base) => ({
        createLog: async (key) => {
          const log = await base.createLog(key);
          return { append: (bytes) => log.append(bytes), close: async () => {} };
        },
      }),
    ],
    ['shows its credentials', /without credentials/, () => ({ location: 's3://key:secret@bucket' })],
  ];

  it.each(mutants)('find a store that %s', async (_title, law, change) => {
    const broken = await brokenLaws(() => {
      const base = memoryStore();
      return altered(base, change(base));
    }, law);
    expect(broken).not.toEqual([]);
  });

  it('find a store that is each process’s own', async () => {
    const law = storeLaws.find(({ law }) => law.startsWith('of many puts with ifAbsent'));
    await expect(law?.check({ store: memoryStore(), reopen: async () => memoryStore() })).rejects.toThrow();
  });

  it('find a store whose locks outlive their owners', async () => {
    const store = memoryStore();
    const lockThenDie = async (key: string): Promise<void> => void (await store.lock(key));
    const law = storeLaws.find(({ law }) => law.startsWith('the lock of an owner that has died'));
    await expect(law?.check({ store, lockThenDie })).rejects.toThrow();
  });

  it('find nothing wrong with a store that keeps them', async () => {
    expect(await brokenLaws(memoryStore)).toEqual([]);
  });
});

/** Writes every second piece a moment later than the others. */
function delayed(log: StoreLog): StoreLog {
  let count = 0;
  return {
    append: async (bytes) => {
      if (count++ % 2 === 0) await Promise.resolve().then(() => {});
      await log.append(bytes);
    },
    close: () => log.close(),
  };
}

/** Writes each piece when the next comes. */
function hasty(log: StoreLog): StoreLog {
  let held: Uint8Array | undefined;
  return {
    append: async (bytes) => {
      const before = held;
      held = bytes;
      if (before) await log.append(before);
    },
    close: async () => {
      if (held) await log.append(held);
      await log.close();
    },
  };
}
