import { AsyncExecution, datasource, Experiment, pipelineStep, treatment } from '@crystallize/core';
import { expect, test } from 'vitest';
import { replicateIndex, score } from './support/experiments.ts';

const unreadOf = async (treatments: readonly ReturnType<typeof treatment>[], more: object = {}) =>
  (
    await new Experiment({
      datasource: replicateIndex(),
      pipeline: [score()],
      treatments,
      replicates: 2,
      ...more,
    }).run()
  ).warnings;

test('a key that a treatment set and nothing read is told once, with the treatment', async () => {
  const warnings = await unreadOf([treatment('typo', { kk: 1 })]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/No step or datasource read 'kk', which 'typo' sets/);
});

test('each unread key of each treatment is told', async () => {
  const warnings = await unreadOf([treatment('a', { x: 1, y: 1, k: 1 }), treatment('baseline', { z: 1 })]);
  expect(warnings.map((warning) => /'(\w)', which '(\w+)'/.exec(warning)?.slice(1).join()).sort()).toEqual([
    'x,a',
    'y,a',
    'z,baseline',
  ]);
});

test('a param, ctx.get, ctx.has and a datasource each read a key', async () => {
  const pipeline = [
    score(),
    pipelineStep({ name: 'reader', run: (_data: number, ctx) => [ctx.get('got'), ctx.has('had')] })(),
  ];
  const source = datasource((ctx, { n }) => (ctx.get('asked') ? n : ctx.replicate), { n: 1 });
  const values = { k: 1, got: 1, had: 1, asked: 1, n: 2 };
  expect(await unreadOf([treatment('all', values)], { pipeline, datasource: source })).toEqual([]);
});

test('a key that only some cells read has been read', async () => {
  const sometimes = pipelineStep({
    name: 'sometimes',
    run: (data: number, ctx) => (data === 1 ? ctx.get('x') : data),
  });
  for (const plugins of [[], [AsyncExecution()]]) {
    expect(await unreadOf([treatment('a', { x: 1 })], { pipeline: [sometimes()], plugins })).toEqual([]);
  }
});

test('a key that a function sets counts too, and what the function itself reads does not', async () => {
  const apply = treatment('f', (ctx) => {
    ctx.add('x', 1);
    ctx.add('y', ctx.get('x'));
  });
  const warnings = await unreadOf([apply]);
  expect(warnings.map((warning) => /'(\w)'/.exec(warning)?.[1])).toEqual(['x', 'y']);
});

test('a treatment whose cells all failed is not blamed for what they did not come to read', async () => {
  const fail = pipelineStep({
    name: 'fail',
    run: (data: number, ctx) => {
      if (ctx.condition === 'a') throw new Error('no');
      return data;
    },
  });
  expect(await unreadOf([treatment('a', { k: 1 })], { pipeline: [fail(), score()] })).toEqual([]);
});

test('a cell that failed does not hide that the others read nothing', async () => {
  const fail = pipelineStep({
    name: 'fail',
    run: (data: number, ctx) => {
      if (ctx.condition === 'a' && data === 0) throw new Error('no');
    },
  });
  expect(await unreadOf([treatment('a', { x: 1 })], { pipeline: [fail()] })).toEqual([
    expect.stringContaining("'x'"),
  ]);
});

test('keys of initialContext are nobody’s treatment', async () => {
  expect(await unreadOf([], { initialContext: { x: 1 } })).toEqual([]);
});
