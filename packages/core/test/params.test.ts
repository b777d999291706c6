import {
  Experiment,
  type MissingParamError,
  pipelineStep,
  required,
  treatment,
  UnknownParamError,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { rejection, replicateIndex, score } from './support/experiments.ts';

/** Records each param under its own name. */
const show = pipelineStep({
  name: 'show',
  params: { k: 5, model: 'small' },
  run(data: number, ctx, params) {
    for (const [key, value] of Object.entries(params)) ctx.record(key, value);
    return data;
  },
});

const ask = pipelineStep({
  name: 'ask',
  params: { model: required<string>() },
  run(data: number, ctx, { model }) {
    ctx.record('model', model);
    return data;
  },
});

test('an open param is its default where nothing sets it', async () => {
  const result = await new Experiment({ datasource: replicateIndex(), pipeline: [show()] }).run();
  expect(result.baseline.metrics).toEqual({ k: [5], model: ['small'] });
});

test('a treatment sets an open param, a fixed one keeps its value', async () => {
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [show({ model: 'large' })],
    treatments: { more: { k: 7 } },
  }).run();
  expect(result.baseline.metrics).toEqual({ k: [5], model: ['large'] });
  expect(result.treatments.more.metrics).toEqual({ k: [7], model: ['large'] });
});

test("initialContext sets an open param, and a treatment's own value wins", async () => {
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [show()],
    initialContext: { k: 1, model: 'medium' },
    treatments: { more: { k: 2 } },
  }).run();
  expect(result.baseline.metrics).toEqual({ k: [1], model: ['medium'] });
  expect(result.treatments.more.metrics).toEqual({ k: [2], model: ['medium'] });
});

test('a value that an earlier step has added sets an open param', async () => {
  const choose = pipelineStep({
    name: 'choose',
    run(data: number, ctx) {
      ctx.add('k', data + 100);
      return data;
    },
  });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [choose(), show()],
    replicates: 2,
  }).run();
  expect(result.baseline.metrics['k']).toEqual([100, 101]);
});

test('undefined, null and false set by a treatment are values, not absences', async () => {
  const any = pipelineStep({
    name: 'any',
    params: { a: 1 as unknown, b: 1 as unknown, c: 1 as unknown },
    run(data: number, ctx, params) {
      ctx.record('params', params);
      return data;
    },
  });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [any()],
    treatments: [treatment('none', { a: undefined, b: null, c: false })],
  }).run();
  expect(result.treatments['none']?.metrics['params']).toEqual([{ a: undefined, b: null, c: false }]);
});

test('a required param without a value is an error that names the step and the param', async () => {
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [ask({}, { name: 'second' })],
  }).run();
  const cause = result.errors[0]?.cause as MissingParamError;
  expect(cause).toMatchObject({
    name: 'MissingParamError',
    code: 'PARAM_MISSING',
    step: 'second',
    param: 'model',
  });
  expect(cause.message).toMatch(/'second'.*'model'/);
});

test('a required param takes its value from the factory, a treatment or initialContext', async () => {
  const fixed = await new Experiment({ datasource: replicateIndex(), pipeline: [ask({ model: 'a' })] }).run();
  const treated = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [ask()],
    treatments: [treatment('baseline', { model: 'b' }), treatment('other', { model: 'c' })],
  }).run();
  const initial = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [ask()],
    initialContext: { model: 'd' },
  }).run();
  expect(fixed.baseline.metrics['model']).toEqual(['a']);
  expect(treated.baseline.metrics['model']).toEqual(['b']);
  expect(treated.treatments.other.metrics['model']).toEqual(['c']);
  expect(initial.baseline.metrics['model']).toEqual(['d']);
});

test('an unknown param throws where the factory is called, and names those there are', () => {
  const call = () => show({ kk: 1 } as never);
  expect(call).toThrow(UnknownParamError);
  expect(call).toThrow(/'show' has no param 'kk'.*k, model/);
  expect(() => show({ toString: 1 } as never)).toThrow(UnknownParamError);
});

test('a treatment that sets a param which every step has fixed is refused', async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [show({ k: 1 })],
    treatments: [treatment('more', { k: 2 })],
  });
  expect(((await rejection(experiment.run())) as Error).message).toMatch(
    /'more' sets 'k', which is fixed in 'show'/,
  );
});

test('a treatment may set a param that one step has fixed and another leaves open', async () => {
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [show({ k: 1 }), score()],
    treatments: [treatment('more', { k: 2 })],
  }).run();
  expect(result.treatments.more.metrics).toEqual({ k: [1], model: ['small'], score: [2] });
});

test("a treatment may set a fixed step's key where its own datasource takes it", async () => {
  const source = { params: { k: 0 }, fetch: (_ctx: unknown, { k }: { readonly k: number }) => k };
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [show({ k: 1 })],
    treatments: [treatment('more', { k: 2 }, { datasource: source as never })],
  });
  await expect(experiment.validate()).resolves.toBeUndefined();
});

test('params cannot be changed by a step, and what the user declared never changes', async () => {
  const declared = { list: [1, 2] };
  const given = { list: [3] };
  const spoil = pipelineStep({
    name: 'spoil',
    params: declared,
    run(data: number, _ctx, params) {
      (params.list as number[]).push(9);
      return data;
    },
  });
  const result = await new Experiment({ datasource: replicateIndex(), pipeline: [spoil(given)] }).run();
  expect(result.errors[0]?.cause).toBeInstanceOf(TypeError);
  expect(declared).toEqual({ list: [1, 2] });
  given.list.push(4);
  expect(Object.isFrozen(declared.list) || Object.isFrozen(given.list)).toBe(false);
});

test('a step keeps the params it was made with when the given object changes later', async () => {
  const given = { k: 3 };
  const experiment = new Experiment({ datasource: replicateIndex(), pipeline: [show(given)] });
  const { id } = experiment;
  given.k = 4;
  expect((await experiment.run()).baseline.metrics['k']).toEqual([3]);
  expect(experiment.id).toBe(id);
});
