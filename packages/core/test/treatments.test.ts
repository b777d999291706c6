import { datasource, Experiment, grid, pipelineStep, treatment } from '@crystallize/core';
import { expect, test } from 'vitest';
import { rejection, replicateIndex, score } from './support/experiments.ts';

test('a treatment may be a function, called once per cell with what it needs to know', async () => {
  const calls: unknown[] = [];
  const odd = treatment('odd', (ctx) => {
    calls.push([ctx.replicate, ctx.condition, ctx.seed, ctx.get('initial'), ctx.has('k')]);
    ctx.add('k', ctx.replicate % 2 === 1 ? 5 : 0);
  });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: [odd],
    replicates: 3,
    seed: 1,
    initialContext: { initial: 'i' },
  }).run();
  expect(result.treatments.odd.metrics['score']).toEqual([0, 15, 20]);
  expect(calls).toEqual([
    [0, 'odd', 1, 'i', false],
    [1, 'odd', 31338, 'i', false],
    [2, 'odd', 62675, 'i', false],
  ]);
});

test('a function may replace a value of initialContext, and set a key once', async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    initialContext: { k: 1 },
    treatments: [
      treatment('replaces', (ctx) => ctx.add('k', 7)),
      treatment('twice', (ctx) => {
        ctx.add('k', 1);
        ctx.add('k', 2);
      }),
    ],
  });
  const result = await experiment.run();
  expect(result.baseline.metrics['score']).toEqual([1]);
  expect(result.treatments.replaces.metrics['score']).toEqual([7]);
  expect(result.errors).toMatchObject([{ condition: 'twice', cause: { code: 'CONTEXT_MUTATION' } }]);
});

test('a function that throws fails its cells alone', async () => {
  const bad = treatment('bad', () => {
    throw new Error('no treatment');
  });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: [bad],
    replicates: 2,
  }).run();
  expect(
    result.errors.map((error) => [error.condition, error.replicate, (error.cause as Error).message]),
  ).toEqual([
    ['bad', 0, 'no treatment'],
    ['bad', 1, 'no treatment'],
  ]);
  expect(result.baseline.metrics['score']).toEqual([0, 10]);
});

test("a function's random numbers are the same in every run with the same seed", async () => {
  const random = treatment('random', (ctx) => ctx.add('k', ctx.rng.next()));
  const run = async () =>
    (
      await new Experiment({
        datasource: replicateIndex(),
        pipeline: [score()],
        treatments: [random],
        seed: 3,
      }).run()
    ).rows();
  expect(await run()).toEqual(await run());
});

test("a treatment named baseline sets the baseline's own context", async () => {
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: [treatment('a', { k: 1 }), treatment('baseline', { k: 2 })],
  }).run();
  expect(result.baseline.metrics['score']).toEqual([2]);
  expect(Object.keys(result.treatments)).toEqual(['a']);
});

test('a treatment may have data of its own', async () => {
  const other = treatment('other', {}, { datasource: datasource((ctx) => ctx.replicate + 100) });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: [other],
    replicates: 2,
  }).run();
  expect(result.treatments.other.metrics['score']).toEqual([1000, 1010]);
  expect(result.baseline.metrics['score']).toEqual([0, 10]);
});

test('run() takes some of the treatments by name, further ones as they are, and the baseline always', async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: { a: { k: 1 }, b: { k: 2 } },
  });
  const named = await experiment.run({ treatments: ['b'] });
  expect(Object.keys(named.treatments)).toEqual(['b']);
  const more = await experiment.run({ treatments: ['a', treatment('c', { k: 3 }), 'baseline' as never] });
  expect(Object.keys(more.treatments)).toEqual(['a', 'c']);
  expect(more.baseline.metrics['score']).toEqual([0]);
  expect(Object.keys((await experiment.run({ treatments: [] })).treatments)).toEqual([]);
});

test('the baseline comes first, then the treatments in the order of their definition', async () => {
  const seen: string[] = [];
  const note = pipelineStep({
    name: 'note',
    run: (_data: number, ctx) => void seen.push(`${ctx.replicate}${ctx.condition}`),
  });
  const treatments = [treatment('z', {}), treatment('baseline', {}), treatment('a', {})];
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [note()],
    treatments,
    replicates: 2,
  }).run();
  expect(seen).toEqual(['0baseline', '0z', '0a', '1baseline', '1z', '1a']);
  expect(result.rows()).toEqual([]);
});

test('grid() makes every combination, named by its values, in the order of the keys', () => {
  const sweep = grid({ k: [1, 5], lr: [0.1, 0.01] });
  expect(sweep.map(({ name, values }) => [name, values])).toEqual([
    ['k=1,lr=0.1', { k: 1, lr: 0.1 }],
    ['k=1,lr=0.01', { k: 1, lr: 0.01 }],
    ['k=5,lr=0.1', { k: 5, lr: 0.1 }],
    ['k=5,lr=0.01', { k: 5, lr: 0.01 }],
  ]);
  expect(grid({})).toEqual([]);
  expect(grid({ k: [] })).toEqual([]);
  expect(grid({ flag: [true], text: ['x'] })[0]?.name).toBe('flag=true,text=x');
});

test('two combinations of one name are told, as any two treatments are', async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: grid({ k: [1, '1'] }),
  });
  expect(((await rejection(experiment.validate())) as Error).message).toContain(
    "two treatments are named 'k=1'",
  );
});
