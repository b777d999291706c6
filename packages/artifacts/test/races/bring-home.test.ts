import { type CellRecord, StorageError } from '@crystallize/core';
import { type ArtifactStore, artifactKey } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { RunPlace } from '../../src/artifact-plugin/run-place.ts';
import { StoreSink } from '../../src/artifact-plugin/store-sink.ts';
import { bytesOf, rejectionOf, textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { watchedStore } from '../plugin/watched-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';

const target = { replicate: 0, condition: 'baseline', step: 'fit', name: 'model.bin' };
const key = artifactKey('exp', 0, target);
const held = async (): Promise<void> => {};

/** A cell of a run that replaces an older one: what it wrote waits aside. */
async function waiting(store: ArtifactStore): Promise<{ place: RunPlace; record: CellRecord }> {
  const place = new RunPlace(store, { run: 'ours', directory: 'exp', version: 0, replaces: true });
  const artifact = await new StoreSink(store, place).write(target, bytesOf('ours'));
  expect(await store.get(key)).toBeUndefined();
  return { place, record: { ...target, status: 'done', artifacts: [artifact] } as unknown as CellRecord };
}

describe.each([
  ['in memory', memoryStore],
  ['on disk', fsStore],
])('what waited aside, %s,', (_where, storeIn) => {
  // Of the same size, so that only the bytes tell them apart.
  it.each(['late', 'longer than ours'])(
    'takes the place of what a process wrote there that had lost the lock (%s)',
    async (theirs) => {
      using folder = temporaryFolder();
      const store = storeIn(folder.path);
      const { place, record } = await waiting(store);
      await store.put(key, bytesOf(theirs));
      await place.bringHome(record, held);
      expect(textOf(await store.get(key))).toBe('ours');
    },
  );

  it('takes its place although such a process writes there again and again', async () => {
    using folder = temporaryFolder();
    const base = storeIn(folder.path);
    let moves = 0;
    const store = watchedStore(base, async (operation) => {
      if (operation === 'moveAll' && ++moves < 3) await base.put(key, bytesOf('late'));
    });
    const { place, record } = await waiting(store);
    await place.bringHome(record, held);
    expect(textOf(await base.get(key))).toBe('ours');
  });

  it('leaves what the next owner has written, once the lock is lost', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    const { place, record } = await waiting(store);
    await store.put(key, bytesOf('next'));
    const lost = new StorageError('taken over');
    expect(await rejectionOf(place.bringHome(record, () => Promise.reject(lost)))).toBe(lost);
    expect(textOf(await store.get(key))).toBe('next');
  });

  it('is left there when a later attempt has written in place', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    const { place, record } = await waiting(store);
    await store.put(`${place.waitingFolder(target)}/fit/model.bin`, bytesOf('of an attempt before'));
    await store.put(key, bytesOf('ours'));
    await place.bringHome(record, held);
    expect(textOf(await store.get(key))).toBe('ours');
  });
});
