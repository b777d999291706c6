import { ArtifactPlugin, type ArtifactStore, fsStore, memoryStore, openRuns } from '@crystallize/artifacts';
import { type CellRecord, type CellSpec, type CellWork, type Plugin, StorageError } from '@crystallize/core';
import { lockKey } from '@crystallize/core/storage';
import { expect, test } from 'vitest';
import { abortAfter } from '../resume/counted.ts';
import { scaling } from './scaling.ts';
import { Showing } from './showing.ts';
import { snapshot } from './snapshot.ts';
import { tempFolder } from './temp-folder.ts';
import { WorkerHalf } from './worker-half.ts';

const replicates = 6;

test.each(['fresh', 'replacing', 'resumed', 'versioned and resumed'])(
  'what workers write lies where the main process records it, in a %s run',
  async (kind) => {
    await using folder = await tempFolder();
    const store = () => fsStore(folder.path, { durability: 'process' });
    const versioned = kind.startsWith('versioned');
    const begin = () => {
      const main = new Showing({ store: store(), versioned });
      return scaling(main, { replicates, executor: byWorkers(main, [store(), store()]) });
    };
    if (kind === 'replacing') await scaling(new ArtifactPlugin({ store: store() }), { replicates: 9 }).run();
    const resumes = kind.endsWith('resumed');
    if (versioned) await begin().run();
    if (resumes) {
      const abort = abortAfter(3);
      await expect(begin().run(abort.options)).rejects.toBe(abort.reason);
    }
    const result = await begin().run(resumes ? { strategy: 'resume' } : {});
    expect([result.status, result.version]).toEqual(['done', versioned ? 1 : 0]);
    if (resumes) expect(result.restored).toBeGreaterThanOrEqual(3);
    const version = (await openRuns({ rootDir: folder.path }).experiment('scaling').versions()).at(-1);
    const texts = await Promise.all(((await version?.artifacts()) ?? []).map((artifact) => artifact.text()));
    expect(texts).toHaveLength(2 * replicates);
    expect(texts[0]).toBe('0 baseline');
    const keys = Object.keys(await snapshot(store(), `scaling/v${version?.version}`));
    expect(keys.filter((key) => key.endsWith('data.txt'))).toHaveLength(2 * replicates);
    expect(Object.keys(await snapshot(store(), 'scaling/.crystallize/aside'))).toEqual([]);
    expect((await openRuns({ rootDir: folder.path }).verify()).faults).toEqual([]);
  },
);

test('a worker whose store does not hold the run is refused', async () => {
  const main = new Showing({ store: memoryStore() });
  const run = scaling(main, { executor: byWorkers(main, [memoryStore()]) }).run();
  await expect(run).rejects.toBeInstanceOf(StorageError);
  await expect(run).rejects.toThrow(/does not hold the run/);
});

test('a worker whose store is another place is refused', async () => {
  await using folder = await tempFolder();
  const main = new Showing({ store: memoryStore() });
  const run = scaling(main, { executor: byWorkers(main, [fsStore(folder.path)]) }).run();
  await expect(run).rejects.toThrow(/stores in file:/);
});

test('a worker that joins when the run has ended, or another process has taken it over, is refused', async () => {
  const store = memoryStore();
  const main = new Showing({ store });
  await scaling(main).run();
  const join = () => WorkerHalf.join(new ArtifactPlugin({ store }), main.shared);
  await expect(join()).rejects.toThrow(/the run has ended, or another process has taken it over/);
  const next = await store.lock(lockKey('scaling'));
  await expect(join()).rejects.toThrow(/does not hold the run/);
  await next.release();
});

/** Files that a process which is gone has left in the place of a cell whose own files wait aside. */
const strays: readonly (readonly [what: string, name: string, text: string])[] = [
  ['the same name and size', 'data.txt', '1 basalina'],
  ['the same name', 'data.txt', 'left by one that outlived its run'],
  ['another name', 'other.txt', 'left by one that outlived its run'],
];

test.each(strays)(
  'a cell whose files wait gets its place, also from a stray file of %s',
  async (...stray) => {
    const [, name, text] = stray;
    const store = memoryStore();
    await scaling(new ArtifactPlugin({ store })).run();
    const main = new Showing({ store });
    const executor = byHand(async (work) => {
      const worker = await WorkerHalf.join(new ArtifactPlugin({ store }), main.shared);
      // All have begun, and wait, before the first is committed.
      const records = await Promise.all(Array.from(work.cells, (cell) => runIn(worker, cell)));
      const [first, ...others] = records;
      if (first) await work.report(first);
      await expect.poll(() => store.size('scaling/v0/replicate_0/baseline/scale/data.txt')).toBeDefined();
      await store.put(`scaling/v0/replicate_1/baseline/scale/${name}`, Buffer.from(text));
      for (const record of others) await work.report(record);
    });
    expect((await scaling(main, { executor }).run()).status).toBe('done');
    const [version] = await openRuns({ store }).experiment('scaling').versions();
    const texts = await Promise.all(((await version?.artifacts()) ?? []).map((artifact) => artifact.text()));
    expect(texts).toContain('1 baseline');
    expect((await openRuns({ store }).verify()).faults).toEqual([]);
  },
);

test('what a later attempt wrote in place stays, and what the one before it left waiting goes', async () => {
  const store = memoryStore();
  await scaling(new ArtifactPlugin({ store })).run();
  const main = new Showing({ store });
  const executor = byHand(async (work) => {
    const [first, ...others] = [...work.cells];
    if (!first) return;
    const join = () => WorkerHalf.join(new ArtifactPlugin({ store }), main.shared);
    const lost = await join();
    for (const cell of others) {
      lost.begin(cell);
      // It dies before it tells of what it wrote.
      await lost.write(cell, 'data.txt', Buffer.from('of the first attempt'));
    }
    const worker = await join();
    await work.report(await runIn(worker, first));
    await expect.poll(() => store.size('scaling/v0/replicate_0/baseline/scale/data.txt')).toBeDefined();
    for (const cell of others) {
      const begun = worker.begin(cell, { attempt: { number: 2, earlier: [] } });
      const text = Buffer.from('of the second attempt');
      await work.report(await worker.end(begun, [await worker.write(cell, 'data.txt', text)]));
    }
  });
  expect((await scaling(main, { executor }).run()).status).toBe('done');
  const [version] = await openRuns({ store }).experiment('scaling').versions();
  const texts = await Promise.all(((await version?.artifacts()) ?? []).map((artifact) => artifact.text()));
  expect(texts.filter((text) => text === 'of the second attempt')).toHaveLength(3);
  expect((await openRuns({ store }).verify()).faults).toEqual([]);
});

test('files of an attempt whose worker died are gone when the cell is committed', async () => {
  const store = memoryStore();
  const main = new Showing({ store });
  const executor = byHand(async (work) => {
    const lost = await WorkerHalf.join(new ArtifactPlugin({ store }), main.shared);
    const worker = await WorkerHalf.join(new ArtifactPlugin({ store }), main.shared);
    for (const cell of work.cells) {
      lost.begin(cell);
      await lost.write(cell, 'half.txt', Buffer.from('nobody tells of it'));
      if (cell.condition === 'baseline') {
        const begun = worker.begin(cell, { attempt: { number: 2, earlier: [] } });
        await work.report(await worker.end(begun, []));
        continue;
      }
      const record = await worker.end(worker.begin(cell), []);
      const error = { name: 'WorkerDiedError', message: 'It died.', code: 'WORKER_DIED' };
      await work.report({ ...record, status: 'failed', error, failedStep: 'scale' });
    }
  });
  expect((await scaling(main, { executor }).run()).status).toBe('failed');
  expect((await openRuns({ store }).verify()).faults).toEqual([]);
});

/** Runs cells as workers do. */
function byWorkers(main: Showing, stores: readonly ArtifactStore[]): Plugin {
  return byHand(async (work) => {
    const join = (store: ArtifactStore) => WorkerHalf.join(new ArtifactPlugin({ store }), main.shared);
    const workers = await Promise.all(stores.map(join));
    // The first cells of all workers are under way together, before anything is committed.
    const waiting = [...work.cells];
    const drain = async (worker: WorkerHalf): Promise<void> => {
      for (let cell = waiting.shift(); cell; cell = waiting.shift())
        await work.report(await runIn(worker, cell));
    };
    await Promise.all(workers.map(drain));
  });
}

function byHand(execute: (work: CellWork) => Promise<void>): Plugin {
  return { name: 'by hand', execute: (_run, work) => execute(work) };
}

async function runIn(worker: WorkerHalf, cell: CellSpec): Promise<CellRecord> {
  const begun = worker.begin(cell);
  const text = Buffer.from(`${cell.replicate} ${cell.condition}`);
  return worker.end(begun, [await worker.write(cell, 'data.txt', text)]);
}
