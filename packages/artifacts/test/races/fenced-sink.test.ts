import { type ArtifactRecord, type ArtifactTarget, type CellRecord, StorageError } from '@crystallize/core';
import { type ArtifactStore, artifactKey } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { RunPlace } from '../../src/artifact-plugin/run-place.ts';
import { type BegunCell, StoreSink } from '../../src/artifact-plugin/store-sink.ts';
import { bytesOf, inPieces, rejectionOf, textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { snapshot } from '../plugin/snapshot.ts';
import { watchedStore } from '../plugin/watched-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';

const target: ArtifactTarget = { replicate: 0, condition: 'baseline', step: 'fit', name: 'model.bin' };
const key = artifactKey('exp', 0, target);
const address = { run: 'ours', directory: 'exp', version: 0, replaces: false };

function sinkOf(store: ArtifactStore, isHeld: () => boolean): StoreSink {
  return new StoreSink(store, new RunPlace(store, address), async () => isHeld());
}

/** An attempt at the cell of the target. */
function attemptAt(number: number, changes: Partial<BegunCell> = {}): BegunCell {
  return { ...target, seed: 1, attempt: { number, earlier: [] }, ...changes };
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

  it('takes the place of what another worker wrote, when the cell was given to this one', async () => {
    const store = memoryStore();
    await store.put(key, bytesOf('of an attempt in another worker'));
    const sink = sinkOf(store, () => true);
    sink.begin(attemptAt(2, { isCurrent: async () => true }));
    await sink.write(target, body());
    expect(await textAt(store)).toBe('ours');
  });

  it('leaves what another worker wrote, when the cell was given to that one', async () => {
    const store = memoryStore();
    await store.put(key, bytesOf('theirs'));
    const sink = sinkOf(store, () => true);
    sink.begin(attemptAt(1, { isCurrent: async () => false }));
    const error = await rejectionOf(sink.write(target, body()));
    expect(error).toBeInstanceOf(StorageError);
    expect((error as Error).message).toMatch(/Replicate 0 of 'baseline' was given to another worker/);
    expect(await textAt(store)).toBe('theirs');
  });

  it('of a second attempt takes the place of that of the first', async () => {
    const store = memoryStore();
    const sink = sinkOf(store, () => true);
    sink.begin(attemptAt(1));
    await sink.write(target, bytesOf('of the first attempt'));
    sink.begin(attemptAt(2));
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
  await expect(sink.end(attemptAt(1), done)).rejects.toThrow(/taken over/);
  expect(await textAt(store)).toBe('theirs');
});

const doneWith = (artifacts: readonly ArtifactRecord[]): CellRecord =>
  ({ ...target, status: 'done', artifacts }) as unknown as CellRecord;

it('an attempt that succeeds takes away what only those before it wrote, in whichever process', async () => {
  const store = memoryStore();
  const [only, both] = ['only.bin', 'both.bin'].map((name) => ({ ...target, name }));
  const elsewhere = sinkOf(store, () => true);
  elsewhere.begin(attemptAt(1));
  const earlier = [
    await elsewhere.write(only as ArtifactTarget, bytesOf('first')),
    await elsewhere.write(both as ArtifactTarget, bytesOf('first')),
  ];
  const sink = sinkOf(store, () => true);
  const cell = attemptAt(2, { attempt: { number: 2, earlier } });
  sink.begin(cell);
  const written = await sink.write(both as ArtifactTarget, bytesOf('second'));
  await sink.end(cell, doneWith([written]));
  expect(await snapshot(store, 'exp')).toEqual({ 'exp/v0/replicate_0/baseline/fit/both.bin': 'second' });
});

it('what an earlier attempt left waiting aside goes as well, once the version is taken', async () => {
  const store = memoryStore();
  const isHeld = async (): Promise<boolean> => true;
  const place = (): RunPlace => new RunPlace(store, { ...address, replaces: true });
  const elsewhere = new StoreSink(store, place(), isHeld);
  elsewhere.begin(attemptAt(1));
  const earlier = [await elsewhere.write(target, bytesOf('first'))];
  expect(Object.keys(await snapshot(store, 'exp'))).toEqual([
    'exp/.crystallize/aside/replaced-by-ours/waiting/replicate_0/baseline/fit/model.bin',
  ]);
  const taken = place();
  taken.markTaken();
  const sink = new StoreSink(store, taken, isHeld);
  const cell = attemptAt(2, { attempt: { number: 2, earlier } });
  sink.begin(cell);
  await sink.end(cell, doneWith([await sink.write(target, bytesOf('second'))]));
  expect(await snapshot(store, 'exp')).toEqual({ [key]: 'second' });
});
