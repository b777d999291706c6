import {
  Artifact,
  CellFailedError,
  type CellRecord,
  Experiment,
  type Optimizer,
  type Plugin,
  pipelineStep,
  type Trial,
  treatment,
} from '@crystallize/core';
import { expect, test, vi } from 'vitest';
import { experimentOf, rejection, replicateIndex, score } from './support/experiments.ts';

const file = new Artifact('file');

/** A plugin that stores, one that watches, and what was called. */
function plugins() {
  const stored: string[] = [];
  const watched: string[] = [];
  const storing: Plugin = {
    name: 'storing',
    init: () => void stored.push('init'),
    beforeRun: () => void stored.push('beforeRun'),
    commitCell: (_run, _record: CellRecord) => void stored.push('commitCell'),
    artifacts: () => {
      stored.push('artifacts');
      return {
        write: () => Promise.reject(new Error('stored')),
        open: () => {
          throw new Error('read');
        },
      };
    },
    afterRun: () => void stored.push('afterRun'),
  };
  const watching: Plugin = {
    name: 'watching',
    beforeRun: (run) => void watched.push(run.purpose),
    afterRun: () => void watched.push('afterRun'),
  };
  return { all: [storing, watching], stored, watched };
}

const writing = pipelineStep({
  name: 'writing',
  params: { k: 0 },
  async run(data: number, ctx, { k }) {
    await file.write('x');
    ctx.record('score', (k - 3) ** 2);
    return data + k;
  },
});

const experimentWith = (list: readonly Plugin[]) =>
  new Experiment({
    datasource: replicateIndex(),
    pipeline: [writing()],
    treatments: { t: { k: 5 } },
    plugins: list,
    replicates: 4,
    seed: 1,
  });

/** Proposes 0, 1, 2, … */
function counting(direction?: 'minimize' | 'maximize'): Optimizer & { readonly told: Trial[] } {
  const told: Trial[] = [];
  let next = 0;
  return {
    objective: { metric: 'score', ...(direction ? { direction } : {}) },
    ask: () => treatment(`k=${next}`, { k: next++ }),
    tell: (trial) => void told.push(trial),
    told,
  };
}

test('debug, apply and optimize never call a plugin that stores', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const { all, stored, watched } = plugins();
  const experiment = experimentWith(all);
  await experiment.debug('t');
  await experiment.apply('t');
  await experiment.optimize(counting(), { trials: 2 });
  vi.restoreAllMocks();
  expect(stored).toEqual([]);
  expect(watched).toEqual([
    'debug',
    'afterRun',
    'apply',
    'afterRun',
    'optimize',
    'afterRun',
    'optimize',
    'afterRun',
  ]);
});

test('a plugin that stores in any one way is left out', async () => {
  const called: string[] = [];
  const fail = (hook: string) => () => {
    called.push(hook);
    throw new Error('stored');
  };
  const hooks = ['artifacts', 'commitCell', 'restore'];
  const list = hooks.map(
    (hook): Plugin => ({ name: hook, [hook]: fail(hook), init: fail(`init of ${hook}`) }),
  );
  expect(await experimentWith(list).apply('t')).toBe(5);
  expect(called).toEqual([]);
});

test('debug() runs one replicate serially, the baseline and one treatment, and prints what happens', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
  const parallel: Plugin = {
    name: 'parallel',
    execute: () => {
      throw new Error('not in a debug run');
    },
  };
  const result = await experimentWith([parallel]).debug('t');
  const text = printed.mock.calls.flat().join('\n');
  printed.mockRestore();
  expect(result.executed).toBe(2);
  expect(Object.keys(result.treatments)).toEqual(['t']);
  for (const part of ['writing', 'wrote file, 1 bytes', 'score = 9', 'score = 4', 'seed 1'])
    expect(text).toContain(part);
});

test('debug() rejects with the first cell that fails', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const error = await rejection(
    experimentOf(() => {
      throw new Error('no');
    }).debug(),
  );
  vi.restoreAllMocks();
  expect(error).toBeInstanceOf(CellFailedError);
});

test('apply() returns what the last step passes on, under a treatment or as the baseline', async () => {
  const experiment = experimentWith([]);
  expect(await experiment.apply()).toBe(0);
  expect(await experiment.apply('baseline' as never)).toBe(0);
  expect(await experiment.apply('t')).toBe(5);
  expect(await experiment.apply(treatment('other', { k: 7 }))).toBe(7);
  expect(await experiment.apply('t', { data: 10 })).toBe(15);
});

test('apply() runs one cell, and with given data fetches none', async () => {
  let fetched = 0;
  let ran = 0;
  const experiment = new Experiment({
    datasource: { fetch: () => fetched++ },
    pipeline: [pipelineStep({ name: 's', run: (n: number) => (ran++, n) })()],
    replicates: 9,
  });
  await experiment.apply();
  await experiment.apply(undefined, { data: 5 });
  expect([fetched, ran]).toEqual([1, 2]);
});

test('apply() takes a seed, rejects with the error of a cell that fails, and knows its treatments', async () => {
  const drawing = experimentOf((_data, ctx) => [ctx.seed, ctx.rng.next()]);
  expect(await drawing.apply(undefined, { seed: 5 })).toEqual(await drawing.apply(undefined, { seed: 5 }));
  expect(await drawing.apply()).toMatchObject([1, expect.any(Number)]);
  const failing = experimentOf(() => {
    throw new Error('no');
  });
  expect(await rejection(failing.apply())).toMatchObject({ code: 'CELL_FAILED', cause: { message: 'no' } });
  expect(((await rejection(drawing.apply('nope' as never))) as Error).message).toContain(
    "no treatment 'nope'",
  );
});

test('optimize() asks, tells and returns the treatment with the lowest mean', async () => {
  const optimizer = counting();
  const best = await experimentWith([]).optimize(optimizer, { trials: 6, replicatesPerTrial: 2 });
  expect(best.name).toBe('k=3');
  expect(optimizer.told.map(({ treatment: tried, score: mean }) => [tried.name, mean])).toEqual([
    ['k=0', 9],
    ['k=1', 4],
    ['k=2', 1],
    ['k=3', 0],
    ['k=4', 1],
    ['k=5', 4],
  ]);
  expect(optimizer.told[0]?.result.treatments['k=0']?.metrics['score']).toEqual([9, 9]);
});

test('optimize() maximises when told to, takes several proposals at once, and ends with the last', async () => {
  const lists = [[treatment('a', { k: 3 }), treatment('b', { k: 9 })], [treatment('c', { k: 4 })], []];
  const optimizer: Optimizer = {
    objective: { metric: 'score', direction: 'maximize' },
    ask: async () => lists.shift(),
    tell: () => {},
  };
  expect((await experimentWith([]).optimize(optimizer, { trials: 100 })).name).toBe('b');
  expect(lists).toEqual([]);
});

test('a trial whose cells all fail scores NaN and is never the best', async () => {
  const scores: number[] = [];
  const sometimes = pipelineStep({
    name: 'sometimes',
    params: { k: 0 },
    run(_data: number, ctx, { k }) {
      if (k < 2) throw new Error('too small');
      ctx.record('score', k);
    },
  });
  const experiment = new Experiment({ datasource: replicateIndex(), pipeline: [sometimes()] });
  const optimizer = counting();
  expect(
    (
      await experiment.optimize(
        { ...optimizer, tell: ({ score: mean }) => void scores.push(mean) },
        { trials: 4 },
      )
    ).name,
  ).toBe('k=2');
  expect(scores).toEqual([Number.NaN, Number.NaN, 2, 3]);
});

test('trials without a seed of their own share one, so that they differ by their treatments alone', async () => {
  const optimizer = counting();
  await new Experiment({ datasource: replicateIndex(), pipeline: [score()] }).optimize(optimizer, {
    trials: 3,
  });
  expect(new Set(optimizer.told.map(({ result }) => result.seed)).size).toBe(1);
});

test('optimize() without a proposal, or without its metric, is an error that says so', async () => {
  const experiment = experimentWith([]);
  const none: Optimizer = { objective: { metric: 'score' }, ask: () => undefined, tell: () => {} };
  expect(await rejection(experiment.optimize(none, { trials: 5 }))).toMatchObject({
    code: 'EXPERIMENT_INVALID',
  });
  expect(await rejection(experiment.optimize(counting(), { trials: 0 }))).toMatchObject({
    code: 'EXPERIMENT_INVALID',
  });
  const other = { ...counting(), objective: { metric: 'nope' } };
  expect(await rejection(experiment.optimize(other, { trials: 1 }))).toMatchObject({
    code: 'METRIC_MISSING',
  });
});
