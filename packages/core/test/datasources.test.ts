import {
  AsyncExecution,
  type DatasourceContext,
  datasource,
  Experiment,
  inputs,
  pipelineStep,
  required,
  treatment,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { recorder, rejection, score } from './support/experiments.ts';

/** Records what it is given. */
const show = pipelineStep({
  name: 'show',
  run(data: unknown, ctx) {
    ctx.record('data', data);
    return data;
  },
});

const dataOf = async (source: unknown, more: object = {}) =>
  new Experiment({
    datasource: source as ReturnType<typeof datasource<unknown>>,
    pipeline: [show()],
    seed: 1,
    ...more,
  }).run();

test('the datasource is fetched once per cell, after the treatment is applied', async () => {
  const calls: unknown[] = [];
  const source = datasource(
    async (ctx, { n }) => {
      calls.push([ctx.replicate, ctx.condition, ctx.get('extra'), ctx.has('extra'), n]);
      return n;
    },
    { n: 1 },
  );
  const result = await dataOf(source, { treatments: [treatment('t', { n: 2, extra: 'e' })], replicates: 2 });
  expect(calls).toEqual([
    [0, 'baseline', undefined, false, 1],
    [0, 't', 'e', true, 2],
    [1, 'baseline', undefined, false, 1],
    [1, 't', 'e', true, 2],
  ]);
  expect(result.baseline.metrics['data']).toEqual([1, 1]);
  expect(result.treatments['t']?.metrics['data']).toEqual([2, 2]);
});

test('a datasource may be an object, of a class too, with params, replicates and prepare', async () => {
  class Source {
    readonly params = { n: 5 };
    readonly replicates = 2;
    prepare(scope: { readonly conditions: readonly string[]; readonly replicates: number | undefined }) {
      return { data: [scope.conditions, scope.replicates], inputs: [{ experiment: 'other', version: 3 }] };
    }
    fetch(ctx: DatasourceContext, params: { readonly n: number }, prepared: unknown) {
      return [ctx.replicate, params.n, prepared];
    }
  }
  const result = await dataOf(new Source(), { treatments: [treatment('t', { n: 6 })] });
  const prepared = [['baseline', 't'], undefined];
  expect(result.baseline.metrics['data']).toEqual([
    [0, 5, prepared],
    [1, 5, prepared],
  ]);
  expect(result.treatments['t']?.metrics['data']).toEqual([
    [0, 6, prepared],
    [1, 6, prepared],
  ]);
  expect(result.replicates).toBe(2);
  expect(result.provenance.inputs).toEqual([{ experiment: 'other', version: 3 }]);
});

test('prepare() is called once per run, for each datasource that treatments bring', async () => {
  const calls: string[] = [];
  const source = (name: string) => ({
    prepare: () => (calls.push(name), { data: name }),
    fetch: (_c: unknown, _p: unknown, data: unknown) => data,
  });
  const result = await dataOf(source('own'), {
    treatments: [treatment('t', {}, { datasource: source('other') }), treatment('u', {})],
    replicates: 3,
  });
  expect(calls).toEqual(['own', 'other']);
  expect(result.treatments['t']?.metrics['data']).toEqual(['other', 'other', 'other']);
  expect(result.treatments['u']?.metrics['data']).toEqual(['own', 'own', 'own']);
});

test('a count of replicates that the datasource does not serve is an error', async () => {
  const source = { replicates: 2, fetch: () => 1 };
  expect(await rejection(dataOf(source, { replicates: 3 }))).toMatchObject({
    code: 'REPLICATE_MISMATCH',
    message: expect.stringMatching(/3 replicates.*serves 2/),
  });
  expect((await dataOf(source, { replicates: 2 })).replicates).toBe(2);
  const found = { prepare: () => ({ replicates: 4 }), fetch: () => 1 };
  expect((await dataOf(found)).replicates).toBe(4);
});

test('once() loads what is costly once per run, also when cells overlap', async () => {
  let loads = 0;
  const source = datasource((ctx) =>
    ctx.once('table', async () => (await new Promise(setImmediate), ++loads)),
  );
  const experiment = { replicates: 4, plugins: [AsyncExecution()] };
  expect((await dataOf(source, experiment)).baseline.metrics['data']).toEqual([1, 1, 1, 1]);
  expect((await dataOf(source, experiment)).baseline.metrics['data']).toEqual([2, 2, 2, 2]);
});

test('a required param of a datasource names the datasource when it has no value', async () => {
  const source = datasource((_ctx, { file }) => file, { file: required<string>() });
  const result = await dataOf(source, { treatments: [treatment('t', { file: 'f' })] });
  expect(result.errors).toMatchObject([
    {
      condition: 'baseline',
      step: 'datasource',
      cause: { code: 'PARAM_MISSING', message: expect.stringContaining("'file'") },
    },
  ]);
  expect(result.treatments['t']?.metrics['data']).toEqual(['f']);
});

test('the params that a datasource was declared with are its own', async () => {
  const params = { list: [1] };
  const source = datasource((_ctx, { list }) => (list as number[]).push(2), params);
  expect((await dataOf(source)).errors[0]?.cause).toBeInstanceOf(TypeError);
  expect(params).toEqual({ list: [1] });
  expect(Object.isFrozen(params.list)).toBe(false);
});

test('a datasource can log, warn and record what it read', async () => {
  const { events, onEvent } = recorder();
  const input = { experiment: 'up', version: 1, replicate: 0, condition: 'baseline', step: 's', name: 'n' };
  const source = datasource((ctx) => {
    ctx.log('fetched', 5);
    ctx.warn('old data');
    ctx.recordInput(input);
  });
  const result = await new Experiment({ datasource: source, pipeline: [show()], replicates: 2, seed: 1 }).run(
    { onEvent },
  );
  expect(events.find((event) => event.type === 'log')).toMatchObject({
    message: 'fetched',
    data: 5,
    cell: { replicate: 0 },
  });
  expect(result.warnings).toEqual(['old data']);
  expect(result.baseline.cells[1]?.inputs).toEqual([input]);
  expect(result.provenance.cell('baseline', 0)?.inputs).toEqual([input]);
});

test('a warning of prepare() reaches plugins after they were opened', async () => {
  const calls: string[] = [];
  const plugin = {
    name: 'p',
    init: () => void calls.push('init'),
    onEvent: (_run: unknown, event: { readonly type: string }) => void calls.push(event.type),
  };
  const source = {
    prepare: (scope: { warn(text: string): void }) => (scope.warn('careful'), {}),
    fetch: () => 1,
  };
  const result = await dataOf(source, { plugins: [plugin] });
  expect(result.warnings).toEqual(['careful']);
  expect(calls.slice(0, 2)).toEqual(['init', 'warning']);
});

test('inputs() gives each cell the data of every source, each with a stream and a memory of its own', async () => {
  const draw = datasource((ctx) => [ctx.rng.next(), ctx.once('k', () => ctx.rng.next())]);
  const result = await dataOf(inputs({ a: draw, b: draw, inner: inputs({ c: datasource(() => 'c') }) }), {
    replicates: 2,
  });
  const [first, second] = result.baseline.metrics['data'] as { a: number[]; b: number[]; inner: unknown }[];
  expect(first?.inner).toEqual({ c: 'c' });
  expect(new Set([...(first?.a ?? []), ...(first?.b ?? []), second?.a[0], second?.b[0]]).size).toBe(6);
  expect(second?.a[1]).toBe(first?.a[1]);
});

test('inputs() hands each source its own params, and a treatment sets all of one name', async () => {
  const source = (n: number) => datasource((_ctx, params) => params, { n, [`only${n}`]: n });
  const result = await dataOf(inputs({ a: source(1), b: source(2) }), {
    treatments: [treatment('t', { n: 9 })],
  });
  expect(result.baseline.metrics['data']).toEqual([{ a: { n: 1, only1: 1 }, b: { n: 2, only2: 2 } }]);
  expect(result.treatments['t']?.metrics['data']).toEqual([{ a: { n: 9, only1: 1 }, b: { n: 9, only2: 2 } }]);
});

test('inputs() with conflicting counts of replicates is an error, however they are known', async () => {
  const fixed = (replicates: number) => ({ replicates, fetch: () => 1 });
  const found = (replicates: number) => ({ prepare: () => ({ replicates }), fetch: () => 1 });
  expect(() => inputs({ a: fixed(2), b: fixed(3) })).toThrow(/'a' has 2, 'b' has 3/);
  for (const bundle of [inputs({ a: found(2), b: found(3) }), inputs({ a: fixed(2), b: found(3) })]) {
    expect(await rejection(dataOf(bundle))).toMatchObject({ code: 'REPLICATE_MISMATCH' });
  }
  expect((await dataOf(inputs({ a: fixed(2), b: found(2), c: datasource(() => 1) }))).replicates).toBe(2);
});

test('inputs() without a source is an error', () => {
  expect(() => inputs({})).toThrow(/at least one/);
});

test('debug, apply and optimize take fewer replicates than the datasource serves', async () => {
  const asked: unknown[] = [];
  const source = {
    replicates: 5,
    prepare: (scope: { replicates: number | undefined }) => (asked.push(scope.replicates), {}),
    fetch: () => 3,
  };
  const experiment = new Experiment({ datasource: source, pipeline: [score()] });
  expect(await experiment.apply()).toBe(30);
  const best = await experiment.optimize(
    {
      objective: { metric: 'score' },
      ask: () => treatment('a', { k: 1 }),
      tell: ({ result }) => void asked.push(result.replicates),
    },
    { trials: 1, replicatesPerTrial: 2 },
  );
  expect(best.name).toBe('a');
  expect(asked).toEqual([undefined, undefined, 2]);
});

test('what failed to load once is loaded anew, so that a retry can succeed', async () => {
  let loads = 0;
  const source = datasource((ctx) =>
    ctx.once('flaky', async () => {
      if (++loads === 1) throw new Error('busy');
      return loads;
    }),
  );
  const step = pipelineStep({ name: 'step', run: (data: number, ctx) => ctx.record('data', data) });
  const experiment = new Experiment({ datasource: source, pipeline: [step()], replicates: 3 });
  const result = await experiment.run({ retries: { times: 1, delay: 0 } });
  expect(result.baseline.metrics['data']).toEqual([2, 2, 2]);
});
