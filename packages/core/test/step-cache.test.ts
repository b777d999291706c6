import {
  datasource,
  Experiment,
  PipelineStep,
  pipelineStep,
  required,
  type StepContext,
  treatment,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { counting, objectCache, sharing } from './support/caching.ts';

test('a step whose input is the same is run once, for all replicates, conditions and runs of a process', async () => {
  const counted = counting((data) => data * 10, { replicates: 3, treatments: { t: { other: 1 } } });
  const first = await counted.experiment.run();
  expect(counted.runs).toBe(1);
  expect(first.baseline.metrics).toEqual({ out: [10, 10, 10] });
  expect(first.treatments['t']?.metrics).toEqual({ out: [10, 10, 10] });
  const second = await counted.experiment.run({ seed: 5 });
  expect(counted.runs).toBe(0);
  expect(second.baseline.metrics).toEqual({ out: [10, 10, 10] });
});

test('a step that is not cacheable always runs', async () => {
  let runs = 0;
  const step = pipelineStep({ name: 'work', run: () => ++runs });
  await new Experiment({ datasource: datasource(() => 1), pipeline: [step()], replicates: 3 }).run();
  expect(runs).toBe(3);
});

test('provenance and events tell what came from the cache', async () => {
  const counted = counting((data) => data, { replicates: 2 });
  const ended: unknown[] = [];
  const result = await counted.experiment.run({
    onEvent: (event) => {
      if (event.type === 'step:start') ended.push('start');
      if (event.type === 'step:end') ended.push(event.cached ?? false);
    },
  });
  expect(ended).toEqual(['start', false, 'start', true]);
  expect([...result.provenance.cells()].map(({ steps }) => steps.map(({ cached }) => cached))).toEqual([
    [false],
    [true],
  ]);
});

test.each<[string, (ctx: StepContext) => unknown]>([
  ['gets', (ctx) => ctx.get('factor')],
  ['only asks for', (ctx) => ctx.has('factor')],
])('a value of a treatment that the step %s tells its entries apart', async (_how, read) => {
  const counted = counting((data, ctx) => `${data} ${read(ctx)}`, {
    treatments: { set: { factor: 5 } },
  });
  const result = await counted.experiment.run();
  expect(counted.runs).toBe(2);
  expect(result.baseline.metrics['out']).not.toEqual(result.treatments['set']?.metrics['out']);
  const again = await counted.experiment.run();
  expect(counted.runs).toBe(0);
  expect(again.baseline.metrics).toEqual(result.baseline.metrics);
  expect(again.treatments['set']?.metrics).toEqual(result.treatments['set']?.metrics);
});

test('a value that reaches the step as an open param does, and so does one of a function of a treatment', async () => {
  const counted = counting((data, _ctx, { k }) => data * k, {
    treatments: [treatment('five', { k: 5 }), treatment('seven', (ctx) => ctx.add('k', 7))],
  });
  const result = await counted.experiment.run();
  expect(counted.runs).toBe(3);
  expect(result.baseline.metrics['out']).toEqual([2]);
  expect(result.treatments['five']?.metrics['out']).toEqual([5]);
  expect(result.treatments['seven']?.metrics['out']).toEqual([7]);
});

test('a value of initialContext, or of an earlier step, tells entries apart', async () => {
  const seen: unknown[] = [];
  const read = pipelineStep({
    name: 'read',
    cacheable: true,
    run: (_data: number, ctx) => {
      seen.push([ctx.get('a'), ctx.get('b')]);
    },
  });
  const before = pipelineStep({
    name: 'before',
    run: (data: number, ctx) => {
      ctx.add('b', new Map([['replicate', ctx.replicate % 2]]));
      return data;
    },
  });
  const { experiment } = sharing([before(), read()]);
  for (const a of [1, 2, 1]) await experiment({ initialContext: { a }, replicates: 4 }).run();
  expect(seen).toEqual([1, 2].flatMap((a) => [0, 1].map((b) => [a, new Map([['replicate', b]])])));
});

test('a value that is there for some cells and absent for others does', async () => {
  const counted = counting((_data, ctx) => ctx.get('maybe') ?? 'none', {
    treatments: { set: { maybe: undefined }, full: { maybe: 1 } },
  });
  await counted.experiment.run();
  expect(counted.runs).toBe(3);
});

test.each<[string, (ctx: StepContext) => unknown, number]>([
  ['draws random numbers', (ctx) => ctx.rng.next(), 3],
  ['reads its seed', (ctx) => ctx.seed, 3],
  ['reads its replicate', (ctx) => ctx.replicate, 3],
  ['reads its condition', (ctx) => ctx.condition, 2],
  ['reads none of these', () => 0, 1],
])('a step that %s runs once for each value of that', async (_what, read, expected) => {
  const counted = counting((_data, ctx) => read(ctx), {
    replicates: 3,
    treatments: { t: { z: 1 } },
  });
  const first = await counted.experiment.run();
  expect(counted.runs).toBe(_what.includes('replicate') ? 3 : expected);
  const second = await counted.experiment.run();
  expect(counted.runs).toBe(0);
  expect(second.baseline.metrics).toEqual(first.baseline.metrics);
});

test('what a step reads only in some cells is looked for in those', async () => {
  const counted = counting((_data, ctx) => (ctx.get('deep') ? ctx.get('value') : 'shallow'), {
    treatments: {
      ignored: { value: 1 },
      one: { deep: true, value: 1 },
      two: { deep: true, value: 2 },
    },
  });
  const result = await counted.experiment.run();
  expect(counted.runs).toBe(3);
  expect(result.treatments['ignored']?.metrics['out']).toEqual(['shallow']);
  expect(result.treatments['two']?.metrics['out']).toEqual([2]);
});

test('whether a key is free is read by adding it', async () => {
  const counted = counting(
    (_data, ctx) => {
      try {
        ctx.add('taken', 1);
        return 'free';
      } catch {
        return 'taken';
      }
    },
    { treatments: { t: { taken: 0 } } } as never,
  );
  const result = await counted.experiment.run();
  expect(result.baseline.metrics['out']).toEqual(['free']);
  expect(result.treatments['t']?.metrics['out']).toEqual(['taken']);
});

test('what setup reads tells entries apart, and a step that is answered needs no setup', async () => {
  const calls: string[] = [];
  const step = pipelineStep({
    name: 'ask',
    cacheable: true,
    setup: (ctx) => {
      calls.push('setup');
      return ctx.get<string>('path');
    },
    run: (_data: number, ctx, _params, path) => {
      calls.push(`run ${path}`);
      ctx.record('path', path);
    },
  });
  const { experiment } = sharing([step()]);
  for (const path of ['a', 'b', 'a']) {
    const result = await experiment({ initialContext: { path } }).run();
    expect(result.baseline.metrics['path']).toEqual([path]);
  }
  expect(calls).toEqual(['setup', 'run a', 'setup', 'run b']);
});

test('a param of the factory, a version and the code tell entries apart; a name of another experiment does not', async () => {
  const runs: string[] = [];
  const make = (
    version: string | undefined,
    run: (data: number, ctx: StepContext, params: { k: number }) => unknown,
  ) =>
    pipelineStep({
      name: 'work',
      params: { k: required<number>() },
      cacheable: true,
      ...(version ? { version } : {}),
      run,
    });
  const a = (_data: number, _ctx: StepContext, { k }: { k: number }) => runs.push(`a${k}`);
  const b = (_data: number, _ctx: StepContext, { k }: { k: number }) => runs.push(`b${k}`);
  const cache = objectCache();
  for (const step of [
    make(undefined, a)({ k: 1 }),
    make(undefined, a)({ k: 2 }),
    make(undefined, b)({ k: 1 }),
    make('1', a)({ k: 3 }),
    make('1', b)({ k: 3 }),
    make('2', b)({ k: 3 }),
    make(undefined, a)({ k: 1 }),
  ]) {
    await new Experiment({
      datasource: datasource(() => 1),
      pipeline: [step],
      plugins: [cache.plugin],
    }).run();
  }
  expect(runs).toEqual(['a1', 'a2', 'b1', 'a3', 'b3']);
});

test('a function that is in no file is told from others by its own text', async () => {
  const made = (text: string) => new Function(`return (data) => ${text};`)() as (data: number) => number;
  const cache = objectCache();
  const run = async (text: string) => {
    const pipeline = [pipelineStep({ name: 'work', cacheable: true, run: made(text) })()];
    return new Experiment({ datasource: datasource(() => 3), pipeline, plugins: [cache.plugin] }).apply();
  };
  expect([await run('data * 2'), await run('data * 3'), await run('data * 2')]).toEqual([6, 9, 6]);
});

test('a class is a cacheable step as well', async () => {
  let runs = 0;
  class Work extends PipelineStep<number, number> {
    readonly factor: number;
    constructor(factor: number) {
      super();
      this.factor = factor;
    }
    override get params() {
      return { factor: this.factor };
    }
    override get cacheable() {
      return true;
    }
    run(data: number) {
      runs++;
      return data * this.factor;
    }
  }
  const { experiment } = sharing([new Work(3)]);
  const other = sharing([new Work(4)]);
  for (let time = 0; time < 2; time++) expect(await experiment({}).apply(undefined, { data: 2 })).toBe(6);
  expect(await other.experiment({}).apply(undefined, { data: 2 })).toBe(8);
  expect(runs).toBe(2);
});

test('a debug run runs every step; apply uses what is in memory', async () => {
  const counted = counting((data) => data);
  await counted.experiment.run();
  await counted.experiment.apply();
  expect(counted.runs).toBe(1);
  await counted.experiment.debug();
  expect(counted.runs).toBe(1);
});
