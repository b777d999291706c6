import { type ArtifactTarget, type CellRecord, StorageError } from '@crystallize/core';
import { type ArtifactStore, artifactKey } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { RunPlace } from '../../src/artifact-plugin/run-place.ts';
import { StoreSink } from '../../src/artifact-plugin/store-sink.ts';
import { bytesOf, inPieces, rejectionOf, textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { watchedStore } from '../plugin/watched-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';

const target: ArtifactTarget = { replicate: 0, condition: 'baseline', step: 'fit', name: 'model.bin' };
const key = artifactKey('exp', 0, target);
const address = { run: 'ours', directory: 'exp', version: 0, replaces: false };

function sinkOf(store: ArtifactStore, isHeld?: () => boolean): StoreSink {
  const options = isHeld ? { isHeld: async () => isHeld() } : {};
  return new StoreSink(store, new RunPlace(store, address), options);
}

async function textAt(store: ArtifactStore): Promise<string | undefined> {
  return textOf(await store.get(key));
}

describe.each([
  ['bytes', () => bytesOf('ours')],
  ['a stream', () => inPieces(bytesOf('ou'), bytesOf('rs'))],
])('an artifact given as %s', (_form, body) => {
  it('takes the place of what a crashed session of this run left, while the lock is held', async () => {
    using folder = temporaryFolder();
    for (const store of [memoryStore(), fsStore(folder.path)]) {
      await store.put(key, bytesOf('left behind'));
      await sinkOf(store, () => true).write(target, body());
      expect(await textAt(store)).toBe('ours');
    }
  });

  it('leaves what is there untouched once the lock is lost, and the error says that another has taken over', async () => {
    using folder = temporaryFolder();
    for (const base of [memoryStore(), fsStore(folder.path)]) {
      await base.put(key, bytesOf('theirs'));
      const store = watchedStore(base, (operation) => {
        if (operation === 'remove') throw new Error('touched');
      });
      const error = await rejectionOf(sinkOf(store, () => false).write(target, body()));
      expect(error).toBeInstanceOf(StorageError);
      expect((error as Error).message).toMatch(/'model.bin' .*Another process has taken over this run/);
      expect(await textAt(base)).toBe('theirs');
    }
  });

  it('does not remove what the next owner publishes after the question was answered', async () => {
    using folder = temporaryFolder();
    for (const base of [memoryStore(), fsStore(folder.path)]) {
      await base.put(key, bytesOf('left behind'));
      let isHeld = true;
      // As when this process is stopped just there.
      const store = watchedStore(base, async (operation) => {
        if (operation !== 'remove') return;
        isHeld = false;
        await base.put(key, bytesOf('theirs'));
      });
      await expect(sinkOf(store, () => isHeld).write(target, body())).rejects.toThrow(/taken over/);
      expect(await textAt(base)).toBe('theirs');
    }
  });

  it('replaces what is there where no lock is at hand, as in a worker', async () => {
    const store = memoryStore();
    await store.put(key, bytesOf('of an attempt in another worker'));
    await sinkOf(store).write(target, body());
    expect(await textAt(store)).toBe('ours');
  });

  it('of a second attempt takes the place of that of the first', async () => {
    const store = memoryStore();
    const sink = sinkOf(store, () => true);
    sink.begin({ ...target, seed: 1 });
    await sink.write(target, bytesOf('of the first attempt'));
    sink.begin({ ...target, seed: 1 });
    await sink.write(target, body());
    expect(await textAt(store)).toBe('ours');
  });
});

it('bytes get past what a process still writes that has lost the lock and does not know it', async () => {
  const base = memoryStore();
  let puts = 0;
  const store = watchedStore(base, async (operation) => {
    if (operation === 'put' && ++puts < 3) await base.put(key, bytesOf(`too late ${puts}`));
  });
  await sinkOf(store, () => true).write(target, bytesOf('ours'));
  expect(await textAt(base)).toBe('ours');
});

it('a stream that finds its key taken at the end is an error, and what is there stays', async () => {
  const base = memoryStore();
  const store = watchedStore(base, async (operation) => {
    if (operation === 'put') await base.put(key, bytesOf('theirs'));
  });
  const error = await rejectionOf(sinkOf(store, () => true).write(target, inPieces(bytesOf('ours'))));
  expect(error).toBeInstanceOf(StorageError);
  expect(error).toMatchObject({ code: 'OBJECT_EXISTS' });
  expect(await textAt(base)).toBe('theirs');
});

it('the end of an attempt removes nothing once the lock is lost', async () => {
  const store = memoryStore();
  let isHeld = true;
  const sink = sinkOf(store, () => isHeld);
  await sink.write(target, bytesOf('of a failed attempt'));
  await store.put(key, bytesOf('theirs'));
  isHeld = false;
  const done = { ...target, status: 'done', artifacts: [] } as unknown as CellRecord;
  await expect(sink.end({ ...target, seed: 1 }, done)).rejects.toThrow(/taken over/);
  expect(await textAt(store)).toBe('theirs');
});
