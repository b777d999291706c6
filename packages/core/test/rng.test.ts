import { datasource, Experiment, InvalidArgumentError, pipelineStep, type Rng } from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** The stream of a step, and that of the datasource. */
async function streams<T>(
  seed: number,
  draw: (rng: Rng) => T,
  step = 'draw',
): Promise<{ readonly step: T; readonly source: T }> {
  let source: T | undefined;
  const experiment = new Experiment({
    datasource: datasource((ctx) => {
      source = draw(ctx.rng);
    }),
    pipeline: [pipelineStep({ name: step, run: (_data: void, ctx) => draw(ctx.rng) })()],
    seed,
  });
  const own = await experiment.apply();
  return { step: own as T, source: source as T };
}

const items = ['a', 'b', 'c', 'd', 'e'];

const golden = async (draw: (rng: Rng) => unknown) => (await streams(42, draw)).step;

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

test('next() draws the same numbers for seed 42 for ever', async () => {
  expect(await golden((rng) => times(4, () => rng.next()))).toMatchInlineSnapshot(`
    [
      0.28065520538528466,
      0.3825938820064765,
      0.028686919595119043,
      0.500543932897345,
    ]
  `);
});

test('int() draws the same numbers for seed 42 for ever', async () => {
  expect(await golden((rng) => times(10, () => rng.int(-5, 5)))).toMatchInlineSnapshot(`
    [
      -2,
      -1,
      3,
      2,
      -4,
      -2,
      -4,
      -1,
      -3,
      5,
    ]
  `);
});

test('uniform() draws the same numbers for seed 42 for ever', async () => {
  expect(await golden((rng) => times(3, () => rng.uniform(10, 20)))).toMatchInlineSnapshot(`
    [
      12.806552053852847,
      13.825938820064765,
      10.28686919595119,
    ]
  `);
});

test('normal() draws the same numbers for seed 42 for ever', async () => {
  expect(
    await golden((rng) => [...times(3, () => rng.normal()), rng.normal(100, 15)]),
  ).toMatchInlineSnapshot(`
    [
      -0.6006679723577859,
      -0.24127201160419678,
      -0.9531651808157238,
      121.90401120276583,
    ]
  `);
});

test('bool() draws the same values for seed 42 for ever', async () => {
  expect(await golden((rng) => times(8, () => Number(rng.bool())))).toMatchInlineSnapshot(`
    [
      1,
      1,
      1,
      0,
      1,
      1,
      0,
      1,
    ]
  `);
  expect(await golden((rng) => times(8, () => Number(rng.bool(0.9))))).toMatchInlineSnapshot(`
    [
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1,
    ]
  `);
});

test('pick(), sample() and shuffle() draw the same items for seed 42 for ever', async () => {
  expect(await golden((rng) => times(6, () => rng.pick(items)))).toMatchInlineSnapshot(`
    [
      "b",
      "d",
      "b",
      "b",
      "c",
      "e",
    ]
  `);
  expect(await golden((rng) => rng.sample(items, 3))).toMatchInlineSnapshot(`
    [
      "b",
      "d",
      "a",
    ]
  `);
  expect(await golden((rng) => rng.shuffle(items))).toMatchInlineSnapshot(`
    [
      "b",
      "d",
      "a",
      "e",
      "c",
    ]
  `);
});

test('fork() makes the same stream for seed 42 for ever', async () => {
  expect(await golden((rng) => times(2, () => rng.fork('a').next()))).toMatchInlineSnapshot(`
    [
      0.06503889776974026,
      0.06503889776974026,
    ]
  `);
});

test('the datasource draws the same numbers for seed 42 for ever', async () => {
  expect((await streams(42, (rng) => times(2, () => rng.next()))).source).toMatchInlineSnapshot(`
    [
      0.06412818426479194,
      0.3987623031869505,
    ]
  `);
});

test('steps of two names, and the datasource, have streams of their own', async () => {
  const draw = (rng: Rng) => times(5, () => rng.next());
  const [a, b] = [await streams(7, draw, 'a'), await streams(7, draw, 'b')];
  expect(a.source).toEqual(b.source);
  expect(new Set([...a.step, ...b.step, ...a.source]).size).toBe(15);
  expect((await streams(8, draw, 'a')).step).not.toEqual(a.step);
});

test('a fork depends on its name alone, and drawing from it moves nothing else', async () => {
  const { step } = await streams(1, (rng) => {
    const before = rng.fork('x').next();
    const first = rng.next();
    const after = rng.fork('x').next();
    return { before, first, after, other: rng.fork('y').next() };
  });
  const { step: untouched } = await streams(1, (rng) => rng.next());
  expect(step.before).toBe(step.after);
  expect(step.first).toBe(untouched);
  expect(new Set([step.before, step.first, step.other]).size).toBe(3);
});

test('int() stays within its bounds and reaches both', async () => {
  await fc.assert(
    fc.asyncProperty(fc.maxSafeInteger(), fc.nat(5), fc.integer(), async (min, span, seed) => {
      fc.pre(Number.isSafeInteger(min + span));
      const { step } = await streams(seed, (rng) => times(200, () => rng.int(min, min + span)));
      const seen = new Set(step);
      expect(seen.size).toBe(span + 1);
      for (const value of seen) expect(value >= min && value <= min + span).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test('int() favours no number where the span is near the largest', async () => {
  const third = 2 ** 51;
  const { step } = await streams(5, (rng) => times(4000, () => rng.int(0, 3 * third - 1)));
  const low = step.filter((value) => value < third).length / step.length;
  // A remainder alone would make it a half.
  expect(Math.abs(low - 1 / 3)).toBeLessThan(0.05);
});

test('shuffle() and sample() keep the items and leave the list as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer()), fc.nat(), async (list, seed) => {
      const frozen = Object.freeze([...list]);
      const { step } = await streams(seed, (rng) => ({
        all: rng.shuffle(frozen),
        some: rng.sample(frozen, frozen.length >> 1),
      }));
      const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
      expect(sorted(step.all)).toEqual(sorted(list));
      expect(step.some).toHaveLength(list.length >> 1);
      const left = [...list];
      for (const value of step.some) {
        expect(left).toContain(value);
        left.splice(left.indexOf(value), 1);
      }
    }),
    { numRuns: 50 },
  );
});

test('numbers are spread as their distribution says', async () => {
  const size = 20_000;
  const { step } = await streams(3, (rng) => ({
    uniform: times(size, () => rng.next()),
    normal: times(size, () => rng.normal(2, 3)),
    coins: times(size, () => Number(rng.bool(0.25))),
  }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = (values: readonly number[], centre = mean(values)) =>
    Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  // Four standard errors: a sound generator fails one seed in 16000, and this seed is fixed.
  const within = (found: number, expected: number, spread: number) =>
    expect(Math.abs(found - expected)).toBeLessThan((4 * spread) / Math.sqrt(size));
  within(mean(step.uniform), 0.5, Math.sqrt(1 / 12));
  within(mean(step.normal), 2, 3);
  within(sd(step.normal), 3, 3 / Math.SQRT2);
  within(mean(step.coins), 0.25, Math.sqrt(0.25 * 0.75));
  expect(step.uniform.every((value) => value >= 0 && value < 1)).toBe(true);
});

test.each([
  ['int(2, 1)', (rng: Rng) => rng.int(2, 1), /min ≤ max/],
  ['int(0.5, 1)', (rng: Rng) => rng.int(0.5, 1), /whole numbers/],
  [
    'int over more than 2^53',
    (rng: Rng) => rng.int(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    /2\^53/,
  ],
  ['pick of nothing', (rng: Rng) => rng.pick([]), /at least one/],
  ['sample of too many', (rng: Rng) => rng.sample([1], 2), /0 to 1/],
])('%s is an InvalidArgumentError', async (_what, draw, message) => {
  const thrown = (
    await streams(1, (rng) => {
      try {
        return draw(rng);
      } catch (error) {
        return error;
      }
    })
  ).step;
  expect(thrown).toBeInstanceOf(InvalidArgumentError);
  expect((thrown as Error).message).toMatch(message);
});
