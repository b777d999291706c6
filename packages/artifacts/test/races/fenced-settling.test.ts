import { type CellRecord, StorageError } from '@crystallize/core';
import type { StoreLock } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { RunPlace } from '../../src/artifact-plugin/run-place.ts';
import { settleCellFiles } from '../../src/artifact-plugin/settle-cell-files.ts';
import type { VersionHold } from '../../src/artifact-plugin/version-hold.ts';
import { bytesOf, rejectionOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { snapshot } from '../plugin/snapshot.ts';
import { watchedStore } from '../plugin/watched-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';

const cell = { replicate: 0, condition: 'baseline' };
const sha256 = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
const artifact = { step: 'fit', name: 'model.bin', size: 3, sha256 };

function recordOf(changes: Partial<CellRecord> = {}): CellRecord {
  return { ...cell, status: 'done', artifacts: [artifact], attempts: 1, ...changes } as CellRecord;
}

/** What a run holds that replaces an older one. */
function holdOf(store: ReturnType<typeof memoryStore>, isHeld: () => boolean): VersionHold {
  const place = new RunPlace(store, { run: 'ours', directory: 'exp', version: 0, replaces: true });
  const lock = { isHeld: async () => isHeld() } as StoreLock;
  return { place, lock, take: async () => {}, settle: async () => {} };
}

const waiting = 'exp/.crystallize/aside/replaced-by-ours/waiting/replicate_0/baseline/fit/model.bin';
const inPlace = 'exp/v0/replicate_0/baseline/fit/model.bin';
const stray = 'exp/v0/replicate_0/baseline/fit/other.bin';

it.each([inPlace, stray])(
  'what waits comes home, and what lies in its place gives way only while the lock is held: %s',
  async (there) => {
    for (const lostAt of [undefined, 1, 2, 3]) {
      const store = memoryStore();
      await store.put(waiting, bytesOf('foo'));
      await store.put(there, bytesOf('theirs'));
      let asked = 0;
      const hold = holdOf(store, () => ++asked !== lostAt);
      const error = await rejectionOf(settleCellFiles(store, hold, recordOf()) ?? Promise.resolve());
      if (error) {
        expect(error).toBeInstanceOf(StorageError);
        // The second time it is asked is before the move; what was removed before was confirmed.
        if (lostAt === 1) expect((await snapshot(store, 'exp'))[there]).toBe('theirs');
        expect(Object.keys(await snapshot(store, 'exp'))).toContain(waiting);
      } else {
        expect(lostAt === undefined || lostAt > asked).toBe(true);
        expect(await snapshot(store, 'exp')).toEqual({ [inPlace]: 'foo' });
      }
    }
  },
);

it('what waits stays where it is once the lock is lost, also when its place is free', async () => {
  const store = memoryStore();
  await store.put(waiting, bytesOf('foo'));
  const settling = settleCellFiles(
    store,
    holdOf(store, () => false),
    recordOf(),
  );
  expect(await rejectionOf(settling ?? Promise.resolve())).toBeInstanceOf(StorageError);
  expect(await snapshot(store, 'exp')).toEqual({ [waiting]: 'foo' });
});

it('a run that is stopped right before it brings files home, and woken when another has ended, touches nothing', async () => {
  using folder = temporaryFolder();
  const store = fsStore(folder.path, { durability: 'process' });
  await store.put(waiting, bytesOf('foo'));
  const stopped = watchedStore(store, async (operation) => {
    if (operation !== 'moveAll' && operation !== 'removeAll') return;
    // The next owner has taken what waits away, and has finished the cell.
    await store.removeAll('exp/.crystallize/aside');
    await store.put(inPlace, bytesOf('theirs'), { ifAbsent: true }).catch(() => {});
  });
  await settleCellFiles(
    stopped,
    holdOf(store, () => true),
    recordOf(),
  );
  expect(await snapshot(store, 'exp')).toEqual({ [inPlace]: 'theirs' });
});

it.each([
  ['in memory', memoryStore],
  ['on disk', fsStore],
])(
  'what waits (%s) comes home although a process that has lost the lock writes there again and again',
  async (...of) => {
    using folder = temporaryFolder();
    const [, storeIn] = of;
    const base = storeIn(folder.path);
    await base.put(waiting, bytesOf('foo'));
    let moves = 0;
    const store = watchedStore(base, async (operation) => {
      if (operation === 'moveAll' && ++moves < 3) await base.put(inPlace, bytesOf('theirs'));
    });
    await settleCellFiles(
      store,
      holdOf(base, () => true),
      recordOf(),
    );
    expect(await snapshot(base, 'exp')).toEqual({ [inPlace]: 'foo' });
  },
);

it('what waits is left there when a later attempt has written in place', async () => {
  const store = memoryStore();
  await store.put(waiting, bytesOf('of an attempt before'));
  await store.put(inPlace, bytesOf('foo'));
  await settleCellFiles(
    store,
    holdOf(store, () => true),
    recordOf(),
  );
  expect((await snapshot(store, 'exp'))[inPlace]).toBe('foo');
});

it('leftovers of an attempt that nobody knows of go only while the lock is held', async () => {
  const store = memoryStore();
  await store.put(inPlace, bytesOf('foo'));
  await store.put(stray, bytesOf('left'));
  const again = recordOf({ attempts: 2 });
  const error = await rejectionOf(
    settleCellFiles(
      store,
      holdOf(store, () => false),
      again,
    ) ?? Promise.resolve(),
  );
  expect(error).toBeInstanceOf(StorageError);
  expect(await snapshot(store, 'exp')).toEqual({ [inPlace]: 'foo', [stray]: 'left' });
  await settleCellFiles(
    store,
    holdOf(store, () => true),
    again,
  );
  expect(await snapshot(store, 'exp')).toEqual({ [inPlace]: 'foo' });
});

it.each([
  ['in memory', memoryStore],
  ['on disk', fsStore],
])(
  'what waits comes home although a process that has lost the lock writes there again and again, %s',
  async (_where, storeIn) => {
    using folder = temporaryFolder();
    const base = storeIn(folder.path);
    await base.put(waiting, bytesOf('foo'));
    let moves = 0;
    const store = watchedStore(base, async (operation) => {
      if (operation === 'moveAll' && ++moves < 3) await base.put(inPlace, bytesOf('late'));
    });
    const hold = holdOf(base, () => true);
    await settleCellFiles(store, hold, recordOf());
    expect(await snapshot(base, 'exp')).toEqual({ [inPlace]: 'foo' });
  },
);
