import { AsyncExecution, datasource, Experiment, type Plugin, pipelineStep } from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { experimentOf } from './support/experiments.ts';

const noisy = (plugins: readonly Plugin[], seed?: number) =>
  new Experiment({
    datasource: datasource(async (ctx) => {
      if (ctx.rng.bool()) await new Promise(setImmediate);
      return ctx.rng.next();
    }),
    pipeline: [
      pipelineStep({
        name: 'perturb',
        params: { scale: 1 },
        async run(data: number, ctx, { scale }) {
          for (let turn = ctx.rng.int(0, 3); turn > 0; turn--) await new Promise(setImmediate);
          return data + scale * ctx.rng.normal();
        },
      })(),
      pipelineStep({
        name: 'measure',
        run: (data: number, ctx) => ctx.record('value', data + ctx.rng.next()),
      })(),
    ],
    treatments: { wide: { scale: 2 }, wider: { scale: 3 } },
    replicates: 5,
    plugins,
    ...(seed === undefined ? {} : { seed }),
  });

test('the seed of a replicate is (seed + replicate * 31337) mod 2^32, the same under every condition', async () => {
  await fc.assert(
    fc.asyncProperty(fc.maxSafeInteger(), async (seed) => {
      const result = await noisy([], seed).run();
      const modulus = 2n ** 32n;
      const expected = [0n, 1n, 2n, 3n, 4n].map((r) =>
        Number((((BigInt(seed) + r * 31337n) % modulus) + modulus) % modulus),
      );
      expect(result.seed).toBe(seed);
      expect(result.baseline.seeds).toEqual(expected);
      expect(result.treatments.wide.seeds).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

test('a step and the datasource see the seed of their cell', async () => {
  const seen: number[] = [];
  const experiment = new Experiment({
    datasource: datasource((ctx) => void seen.push(ctx.seed)),
    pipeline: [pipelineStep({ name: 's', run: (_data: void, ctx) => void seen.push(ctx.seed) })()],
    seed: 42,
    replicates: 2,
  });
  await experiment.run();
  expect(seen).toEqual([42, 42, 31379, 31379]);
});

/** Runs all cells, in an order that a seed decides, some at once. */
const anyOrder = (order: readonly number[], lanes: number): Plugin => ({
  name: 'any-order',
  async execute(_run, work) {
    const cells = [...work.cells];
    const shuffled = cells
      .map((cell, index) => ({ cell, key: order[index] ?? 0 }))
      .sort((a, b) => a.key - b.key);
    const queue = shuffled.values();
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        for (const { cell } of queue) await work.run(cell);
      }),
    );
  },
});

test('the same seed gives the same results in any order and with any concurrency', async () => {
  const serial = (await noisy([], 9).run()).rows();
  expect(new Set(serial.map((row) => row.value)).size).toBe(15);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { minLength: 15, maxLength: 15 }),
      fc.integer({ min: 1, max: 20 }),
      async (order, lanes) => {
        expect((await noisy([anyOrder(order, lanes)], 9).run()).rows()).toEqual(serial);
        expect((await noisy([AsyncExecution({ concurrency: lanes })], 9).run()).rows()).toEqual(serial);
      },
    ),
    { numRuns: 30 },
  );
});

test('conditions of a replicate draw the same numbers, so that they are paired', async () => {
  const draw = experimentOf((_data, ctx) => ctx.record('draw', ctx.rng.next()), { replicates: 3 });
  const result = await draw.run({ treatments: [{ name: 'other', values: {} }] });
  expect(result.treatments['other']?.metrics['draw']).toEqual(result.baseline.metrics['draw']);
  expect(new Set(result.baseline.metrics['draw']).size).toBe(3);
});

test('a seed that was drawn is told, and gives the same results again', async () => {
  const first = await noisy([]).run();
  const second = await noisy([]).run();
  expect(Number.isInteger(first.seed) && first.seed >= 0 && first.seed < 2 ** 32).toBe(true);
  expect(second.seed).not.toBe(first.seed);
  expect((await noisy([]).run({ seed: first.seed })).rows()).toEqual(first.rows());
});

test("the seed given to run() comes before the experiment's", async () => {
  expect((await noisy([], 1).run({ seed: 5 })).rows()).toEqual((await noisy([], 5).run()).rows());
});

test('AsyncExecution keeps to its concurrency, also when made with new', async () => {
  for (const plugin of [AsyncExecution({ concurrency: 3 }), new AsyncExecution({ concurrency: 3 })]) {
    let now = 0;
    let most = 0;
    const experiment = experimentOf(
      async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
      },
      { replicates: 10, plugins: [plugin] },
    );
    await experiment.run();
    expect(most).toBe(3);
  }
});

test.each([0, 0.5, -1, Number.NaN])('a concurrency of %d is refused', (concurrency) => {
  expect(() => AsyncExecution({ concurrency })).toThrow(/whole number of at least 1/);
});
