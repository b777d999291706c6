import { setTimeout as delay } from 'node:timers/promises';
import {
  Artifact,
  AsyncExecution,
  type CellRecord,
  Experiment,
  type Plugin,
  pipelineStep,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, rejection, replicateIndex, score } from './support/experiments.ts';

/** Tells what it committed and whether it was closed. */
function keeper() {
  const committed: CellRecord[] = [];
  const outcomes: string[] = [];
  const plugin: Plugin = {
    name: 'keeper',
    commitCell: (_run, record) => void committed.push(record),
    afterRun: (_run, outcome) => void outcomes.push(outcome.status),
  };
  return { plugin, committed, outcomes };
}

test('a signal that is aborted already runs nothing', async () => {
  let ran = 0;
  const reason = new Error('not now');
  const experiment = experimentOf(() => void ran++);
  expect(await rejection(experiment.run({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(ran).toBe(0);
});

test('aborting starts no further cell, waits for those in flight and rejects with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { plugin, committed, outcomes } = keeper();
  const started: number[] = [];
  const experiment = experimentOf(
    async (replicate, ctx) => {
      started.push(replicate);
      if (replicate === 1) controller.abort(reason);
      await new Promise(setImmediate);
      ctx.record('n', replicate);
    },
    { replicates: 5, plugins: [AsyncExecution({ concurrency: 2 }), plugin] },
  );
  expect(await rejection(experiment.run({ signal: controller.signal }))).toBe(reason);
  expect(started).toEqual([0, 1]);
  expect(committed.map((record) => [record.replicate, record.status])).toEqual([
    [0, 'done'],
    [1, 'done'],
  ]);
  expect(outcomes).toEqual(['aborted']);
});

test('aborting while the last cell is in flight rejects too', async () => {
  const controller = new AbortController();
  const { plugin, committed } = keeper();
  const experiment = experimentOf(() => controller.abort(new Error('late')), { plugins: [plugin] });
  expect(await rejection(experiment.run({ signal: controller.signal }))).toMatchObject({ message: 'late' });
  expect(committed).toHaveLength(1);
});

test('aborting while datasources prepare is noticed', async () => {
  const controller = new AbortController();
  let fetched = 0;
  const source = {
    prepare: () => {
      controller.abort(new Error('during prepare'));
      return {};
    },
    fetch: () => fetched++,
  };
  const experiment = new Experiment({ datasource: source, pipeline: [score()] });
  expect(await rejection(experiment.run({ signal: controller.signal }))).toMatchObject({
    message: 'during prepare',
  });
  expect(fetched).toBe(0);
});

test('aborting in beforeRun runs no cell and closes the plugins', async () => {
  const controller = new AbortController();
  const { plugin, committed, outcomes } = keeper();
  const aborter: Plugin = { name: 'aborter', beforeRun: () => controller.abort(new Error('early')) };
  const experiment = experimentOf(() => 1, { plugins: [plugin, aborter] });
  expect(await rejection(experiment.run({ signal: controller.signal }))).toMatchObject({ message: 'early' });
  expect(committed).toEqual([]);
  expect(outcomes).toEqual(['aborted']);
});

test('a cell that heeds its signal is ended after a while, and leaves no record', async () => {
  const controller = new AbortController();
  const { plugin, committed } = keeper();
  const experiment = experimentOf(
    async (_data, ctx) => {
      controller.abort(new Error('stop'));
      await delay(60_000, undefined, { signal: ctx.signal });
    },
    { plugins: [plugin] },
  );
  expect(await rejection(experiment.run({ signal: controller.signal }))).toMatchObject({ message: 'stop' });
  expect(committed).toEqual([]);
});

test.each([
  ['in a step before the last', true],
  ['in the last step', false],
])(
  'a cell that heeds nothing is left behind %s, and what it does later counts no more',
  async (_where, more) => {
    const controller = new AbortController();
    const gate = Promise.withResolvers<void>();
    const late = Promise.withResolvers<unknown>();
    const { plugin, committed, outcomes } = keeper();
    const next: string[] = [];
    const written: string[] = [];
    const file = new Artifact('late.txt');
    const stubborn = pipelineStep({
      name: 'stubborn',
      async run(data: number) {
        controller.abort(new Error('stop'));
        await gate.promise;
        await file.write('late').catch(late.resolve);
        return data;
      },
    });
    const after = pipelineStep({ name: 'after', run: (data: number) => void next.push(String(data)) });
    const sink: Plugin = {
      name: 'sink',
      artifacts: () => ({
        write: async (target) => {
          written.push(target.name);
          return { step: target.step, name: target.name, size: 4, sha256: '' };
        },
        open: () => {
          throw new Error('not read');
        },
      }),
    };
    const experiment = new Experiment({
      datasource: replicateIndex(),
      pipeline: [stubborn(), ...(more ? [after()] : [])],
      plugins: [sink, plugin],
    });
    const { events, onEvent } = recorder();
    expect(await rejection(experiment.run({ signal: controller.signal, onEvent }))).toMatchObject({
      message: 'stop',
    });
    expect(events.at(-1)?.type).toBe('run:end');
    gate.resolve();
    expect(await late.promise).toMatchObject({ code: 'ARTIFACT_SCOPE' });
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(events.at(-1)?.type).toBe('run:end');
    expect({ committed, written, next, outcomes }).toEqual({
      committed: [],
      written: [],
      next: [],
      outcomes: ['aborted'],
    });
  },
);

test('a setup that never ends does not keep an aborted run', async () => {
  const controller = new AbortController();
  const hanging = pipelineStep({
    name: 'hanging',
    setup: () => {
      controller.abort(new Error('stop'));
      return new Promise<void>(() => {});
    },
    run: (data: number) => data,
  });
  const experiment = new Experiment({ datasource: replicateIndex(), pipeline: [hanging()] });
  expect(await rejection(experiment.run({ signal: controller.signal }))).toMatchObject({ message: 'stop' });
});

test('the last event of an aborted run says that it was aborted', async () => {
  const controller = new AbortController();
  const { events, onEvent } = recorder();
  await rejection(
    experimentOf(() => controller.abort(), { replicates: 2 }).run({ signal: controller.signal, onEvent }),
  );
  expect(events.at(-1)).toEqual({ type: 'run:end', status: 'aborted' });
});

test('a run leaves no listener on the signal it was given', async () => {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof add>) => (listeners++, add(...args)),
    removeEventListener: (...args: Parameters<typeof remove>) => (listeners--, remove(...args)),
  });
  await experimentOf(() => 1).run({ signal });
  expect(listeners).toBe(0);
});

test('timers get their turn while a serial run has nothing to wait for', async () => {
  const busy = experimentOf(
    () => {
      const end = performance.now() + 1;
      while (performance.now() < end);
    },
    { replicates: 2000 },
  );
  const run = busy.run({ signal: AbortSignal.timeout(60) });
  expect(await rejection(run)).toMatchObject({ name: 'TimeoutError' });
});
