import { ArtifactPlugin, memoryStore } from '@crystallize/artifacts';
import type {
  ArtifactRecord,
  ArtifactSink,
  CellRecord,
  CellSpec,
  Plugin,
  RunHandle,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { scaling } from './scaling.ts';
import { snapshot } from './snapshot.ts';
import { watchedStore } from './watched-store.ts';

const key = 'scaling/v0/replicate_0/baseline/scale/data.json';
const baseline: CellSpec = { replicate: 0, condition: 'baseline', seed: 7 };
const target = { ...baseline, step: 'scale', name: 'data.json' };

test('a stream of an attempt that was given up does not land on top of the next attempt', async () => {
  const store = memoryStore();
  const gate = Promise.withResolvers<void>();
  const late = gated(gate.promise);
  let first: Promise<unknown> | undefined;
  await runAttempts(store, async ({ sink, attempt }) => {
    await attempt(async () => {
      first = sink.write(target, late);
      await Promise.resolve();
      return [];
    }, 'failed');
    await attempt(async () => [await sink.write(target, Buffer.from('second'))], 'done');
    gate.resolve();
    await expect(first).rejects.toThrow(/cell ended/);
  });
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe('second');
});

test('bytes that are about to land when their attempt is given up do not land on top of the next', async () => {
  const store = memoryStore();
  const { slow, gate } = slowAtFirst(store);
  await runAttempts(slow, async ({ sink, attempt }) => {
    let first: Promise<unknown> | undefined;
    await attempt(async () => {
      first = sink.write(target, Buffer.from('first'));
      return [];
    }, 'pending');
    await attempt(async () => {
      const second = sink.write(target, Buffer.from('second'));
      setImmediate(gate.resolve);
      return [await second];
    }, 'done');
    await first;
  });
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe('second');
});

test('bytes that land late are gone when the next attempt has ended without them', async () => {
  const store = memoryStore();
  const { slow, gate } = slowAtFirst(store);
  await runAttempts(slow, async ({ sink, attempt }) => {
    let first: Promise<unknown> | undefined;
    await attempt(async () => {
      first = sink.write(target, Buffer.from('first'));
      return [];
    }, 'pending');
    setImmediate(gate.resolve);
    await attempt(async () => [], 'done');
    await first;
  });
  expect(await store.size(key)).toBeUndefined();
});

test('nothing is published after the end of the run', async () => {
  const store = memoryStore();
  const gate = Promise.withResolvers<void>();
  let escaped: Promise<unknown> | undefined;
  let sinkOfRun: ArtifactSink | undefined;
  await runAttempts(store, async ({ sink, attempt }) => {
    sinkOfRun = sink;
    await attempt(async () => [], 'done');
    escaped = sink.write({ ...target, name: 'escaped.bin' }, gated(gate.promise));
    escaped.catch(() => undefined);
    await Promise.resolve();
  });
  const after = await snapshot(store, 'scaling');
  gate.resolve();
  await expect(escaped).rejects.toThrow();
  await expect(sinkOfRun?.write({ ...target, name: 'later.bin' }, Buffer.from('x'))).rejects.toThrow(
    /run has ended/,
  );
  expect(await snapshot(store, 'scaling')).toEqual(after);
});

async function* gated(gate: Promise<void>) {
  yield Buffer.from('late ');
  await gate;
  yield Buffer.from('pieces');
}

/** A store whose first write of the artifact waits for the gate. */
function slowAtFirst(store: ReturnType<typeof memoryStore>) {
  const gate = Promise.withResolvers<void>();
  let writes = 0;
  const slow = watchedStore(store, async (operation, at) => {
    if (operation === 'put' && at === key && ++writes === 1) await gate.promise;
  });
  return { slow, gate };
}

test('a cell that is reported after the end of the run is refused, and its version left alone', async () => {
  const store = memoryStore();
  await scaling(new ArtifactPlugin({ store })).run();
  const before = await snapshot(store, 'scaling');
  const plugin = new ArtifactPlugin({ store });
  let handle: RunHandle | undefined;
  const executor: Plugin = {
    name: 'fails at once',
    execute(run) {
      handle = run;
      throw new Error('no workers');
    },
  };
  await expect(scaling(plugin, { executor }).run()).rejects.toThrow('no workers');
  const record = { ...baseline, ...nothing, artifacts: [], status: 'done' } as const;
  await expect(plugin.commitCell(handle as RunHandle, record)).rejects.toThrow(/run has ended/);
  expect(await snapshot(store, 'scaling')).toEqual(before);
});

const nothing = { metrics: [], steps: [], inputs: [], startedAt: 0, duration: 1, attempts: 1 };

interface Attempts {
  readonly sink: ArtifactSink;
  /** One attempt at the baseline's cell, ended as core ends it; a pending one has not come to `afterCell`. */
  attempt(
    run: () => Promise<readonly ArtifactRecord[]>,
    status: CellRecord['status'] | 'pending',
  ): Promise<void>;
}

/** Runs an experiment of one cell by hand, as an executor of its own. */
async function runAttempts(
  store: ReturnType<typeof memoryStore>,
  work: (attempts: Attempts) => Promise<void>,
): Promise<void> {
  const plugin = new ArtifactPlugin({ store });
  const executor: Plugin = {
    name: 'by hand',
    async execute(run, { report }) {
      await work({
        sink: plugin.artifacts(run),
        async attempt(body, status) {
          const cell = { ...baseline, run, attempt: { number: 1, earlier: [] }, signal: run.signal };
          plugin.beforeCell(cell);
          const artifacts = await body();
          if (status === 'pending') return;
          const record: CellRecord = { ...baseline, ...nothing, artifacts, status };
          await plugin.afterCell(cell, record);
          if (status === 'done') await report(record);
        },
      });
    },
  };
  await scaling(plugin, { executor, replicates: 1 }).run({ treatments: [] });
}
