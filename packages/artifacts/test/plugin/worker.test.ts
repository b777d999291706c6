import { ArtifactPlugin, type ArtifactStore, fsStore, memoryStore, openRuns } from '@crystallize/artifacts';
import {
  type CellHandle,
  type CellRecord,
  type Plugin,
  type RunHandle,
  type StateKey,
  StorageError,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { scaling } from './scaling.ts';
import { snapshot } from './snapshot.ts';
import { tempFolder } from './temp-folder.ts';

type Shared = Awaited<ReturnType<ArtifactPlugin['beforeRun']>>;

/** An ArtifactPlugin that shows what it hands to workers. */
class Showing extends ArtifactPlugin {
  shared: Shared | undefined;

  override async beforeRun(run: RunHandle): Promise<Shared> {
    this.shared = await super.beforeRun(run);
    return this.shared;
  }
}

test.each(['fresh', 'replacing'])(
  'what workers write lies where the main process records it, in a %s run',
  async (kind) => {
    await using folder = await tempFolder();
    const store = () => fsStore(folder.path, { durability: 'process' });
    if (kind === 'replacing') await scaling(new ArtifactPlugin({ store: store() }), { replicates: 9 }).run();
    const main = new Showing({ store: store() });
    const result = await scaling(main, {
      replicates: 6,
      executor: byWorkers(main, [store(), store()]),
    }).run();
    expect(result.status).toBe('done');
    const [version] = await openRuns({ rootDir: folder.path }).experiment('scaling').versions();
    const texts = await Promise.all(((await version?.artifacts()) ?? []).map((artifact) => artifact.text()));
    expect(texts).toHaveLength(12);
    expect(texts[0]).toBe('0 baseline');
    const keys = Object.keys(await snapshot(store(), 'scaling'));
    expect(keys.filter((key) => key.endsWith('data.txt'))).toHaveLength(12);
    expect(keys.filter((key) => key.includes('/aside/'))).toEqual([]);
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

/** Runs cells as workers do: with plugins and handles of their own, all else crossing as plain data. */
function byWorkers(main: Showing, stores: readonly ArtifactStore[]): Plugin {
  return {
    name: 'by-workers',
    async execute(run, work) {
      const workers = await Promise.all(
        stores.map((store) => startWorker(run, store, structuredClone(main.shared))),
      );
      // The first cells of all workers are under way together, before anything is committed.
      const waiting = [...work.cells];
      await Promise.all(
        workers.map(async (runCell) => {
          for (let cell = waiting.shift(); cell; cell = waiting.shift())
            await work.report(await runCell(cell));
        }),
      );
    },
  };
}

async function startWorker(main: RunHandle, store: ArtifactStore, shared: Shared | undefined) {
  const plugin = new ArtifactPlugin({ store });
  const run = workerHandle(main);
  await plugin.init(run, shared);
  const sink = plugin.artifacts(run);
  return async (spec: { replicate: number; condition: string; seed: number }): Promise<CellRecord> => {
    const cell: CellHandle = { ...spec, run, signal: main.signal };
    plugin.beforeCell(cell);
    const body = Buffer.from(`${spec.replicate} ${spec.condition}`);
    const artifact = await sink.write({ ...spec, step: 'scale', name: 'data.txt' }, body);
    const record: CellRecord = {
      ...spec,
      status: 'done',
      metrics: [],
      artifacts: [artifact],
      steps: [],
      inputs: [],
      startedAt: 0,
      duration: 1,
      attempts: 1,
    };
    await plugin.afterCell(cell, record);
    return structuredClone(record);
  };
}

function workerHandle(main: RunHandle): RunHandle {
  const state = new Map<symbol, unknown>();
  return Object.assign(Object.create(main) as RunHandle, {
    role: 'worker' as const,
    set: <T>(key: StateKey<T>, value: T) => void state.set(key.id, value),
    get: <T>(key: StateKey<T>) => state.get(key.id) as T,
    has: (key: StateKey<unknown>) => state.has(key.id),
  });
}
