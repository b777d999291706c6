import type { ArtifactStore, StoreLock } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import type { LawStore } from '../../src/conformance/law.ts';
import { storeLaws } from '../../src/conformance.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';

/** The laws that a store breaks. */
async function brokenLaws(makeFixture: () => LawStore): Promise<string[]> {
  const broken: string[] = [];
  for (const { law, check } of storeLaws) {
    await check(makeFixture()).catch(() => broken.push(law));
  }
  return broken;
}

/** A store in memory with some methods replaced. */
function altered(change: (base: ArtifactStore) => Partial<ArtifactStore>): ArtifactStore {
  const base = memoryStore();
  const changes = change(base);
  return new Proxy(base, {
    get: (target, name) => {
      if (name in changes) return changes[name as keyof ArtifactStore];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A store in memory each lock of which is changed. */
function withLocks(change: (lock: StoreLock, key: string) => Partial<StoreLock>): ArtifactStore {
  return altered((base) => ({
    lock: async (key, options) => {
      const lock = await base.lock(key, options);
      return { ...lock, ...change(lock, key) };
    },
  }));
}

const held = 'a lock is held from when it is taken until it is released, whoever holds it then';
const away =
  'a lock that was taken away is not held, lost says so, and its release leaves that of the next owner';
const broken = 'once an append has failed every later one rejects, and what was acknowledged before stays';
const removed = 'remove takes a log away, and a new one can be made under its key';

it('a lock that says it is held for ever breaks the law', async () => {
  const store = () => withLocks(() => ({ isHeld: async () => true }));
  expect(await brokenLaws(() => ({ store: store() }))).toEqual([held]);
});

it('a lock that does not know its next owner from itself breaks the law', async () => {
  const makeStore = (): ArtifactStore => {
    const keys = new Set<string>();
    return withLocks((lock, key) => {
      keys.add(key);
      return {
        isHeld: async () => keys.has(key),
        release: async () => {
          keys.delete(key);
          await lock.release();
        },
      };
    });
  };
  expect(await brokenLaws(() => ({ store: makeStore() }))).toEqual([held]);
});

it('a lock that does not notice that it was taken away breaks the law', async () => {
  expect(await brokenLaws(() => ({ store: memoryStore(), takeLockAway: async () => {} }))).toEqual([away]);
});

it('a removal that does not ask, or asks too late, breaks the law', async () => {
  const law =
    'a removal that is not confirmed rejects with that error and leaves the object; one that is takes only what was there before';
  const deaf = () => altered((base) => ({ remove: (key) => base.remove(key) }));
  expect(await brokenLaws(() => ({ store: deaf() }))).toEqual([law]);
  const hasty = () =>
    altered((base) => ({
      remove: async (key, options) => {
        if ((await base.size(key)) !== undefined) await options?.confirm?.();
        await base.remove(key);
      },
    }));
  expect(await brokenLaws(() => ({ store: hasty() }))).toEqual([law]);
});

it('a wait that does not heed its signal breaks the law', async () => {
  const store = () => altered((base) => ({ lock: (key) => base.lock(key) }));
  expect(await brokenLaws(() => ({ store: store() }))).toEqual([
    'a signal that has come ends the call with its reason, and nothing is taken',
  ]);
});

it('a log that goes on after a failed append breaks the law', async () => {
  const makeFixture = (): LawStore => {
    let failing = false;
    const fail = (): void => {
      failing = true;
    };
    const store = altered((base) => ({
      createLog: async (key) => {
        const log = await base.createLog(key);
        return {
          close: () => log.close(),
          append: async (bytes) => {
            if (failing) {
              failing = false;
              // As an append of a store that fails: with a StorageError.
              await base.createLog(key);
            }
            await log.append(bytes);
          },
        };
      },
    }));
    return { store, failNextAppend: fail };
  };
  expect(await brokenLaws(makeFixture)).toEqual([broken]);
});

it('a store that removes objects only breaks the law', async () => {
  const makeStore = (): ArtifactStore => {
    const logs = new Set<string>();
    return altered((base) => ({
      createLog: (key) => {
        logs.add(key);
        return base.createLog(key);
      },
      remove: async (key, options) => {
        if (!logs.has(key)) await base.remove(key, options);
      },
    }));
  };
  expect(await brokenLaws(() => ({ store: makeStore() }))).toEqual([removed]);
});
