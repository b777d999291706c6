import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PairedResult, paired, StatsInputError, type WelchResult, welch } from '../src/index.ts';
import { distance, type ExpectedTest, fixtures, numberFrom } from './fixtures/t-tests.ts';

type Either = WelchResult | PairedResult;

function expectSame(found: Either, right: ExpectedTest): void {
  expect(distance(found.statistic, right.statistic), 'statistic').toBeLessThan(1e-12);
  expect(distance(found.degreesOfFreedom, right.degreesOfFreedom), 'degreesOfFreedom').toBeLessThan(1e-12);
  expect(distance(found.meanDifference, right.meanDifference), 'meanDifference').toBeLessThan(1e-12);
  expect(distance(found.effectSize, numberFrom(right.effectSize)), 'effectSize').toBeLessThan(1e-12);
  expect(distance(found.pValue, right.pValue), 'pValue').toBeLessThan(1e-12);
  // An end near 0 is a difference of larger numbers, so its digits are counted from their size.
  const [low, high] = right.interval.map(numberFrom) as [number, number];
  const size = Math.max(...[low, high, right.meanDifference].filter(Number.isFinite).map(Math.abs));
  expect(distance(found.interval[0], low, size), 'low end').toBeLessThan(1e-12);
  expect(distance(found.interval[1], high, size), 'high end').toBeLessThan(1e-12);
  expect(found.significant).toBe(right.pValue < 1 - right.confidence);
  expect(found).not.toHaveProperty('reason');
}

const kinds = [
  { name: 'welch' as const, run: welch },
  { name: 'paired' as const, run: paired },
];

describe.each(kinds)('$name against fixtures', ({ name, run }) => {
  const sets = fixtures.tests.filter((set) => set[name].length > 0);

  test.each(sets)('gives the exact numbers for the data "$name"', (set) => {
    for (const right of set[name]) {
      const { alternative, confidence } = right;
      expectSame(run(set.baseline, set.treatment, { alternative, confidence }), right);
    }
  });

  test('agrees with SciPy to 1e-12 wherever SciPy is right to 1e-13', () => {
    let compared = 0;
    for (const set of sets) {
      for (const { alternative, scipy } of set[name]) {
        if (scipy.off === null || scipy.off > 1e-13) continue;
        compared += 1;
        const { pValue } = run(set.baseline, set.treatment, { alternative });
        expect(distance(pValue, numberFrom(scipy.pValue)), set.name).toBeLessThan(1e-12);
      }
    }
    expect(compared).toBeGreaterThanOrEqual(20);
  });
});

// Multiples of 2^-20, so that shifts and differences of them are exact.
const value = fc.integer({ min: -(2 ** 22), max: 2 ** 22 }).map((whole) => whole / 2 ** 20);
const sample = fc.array(value, { minLength: 3, maxLength: 12 });
const samples = fc
  .tuple(sample, sample)
  .map(([a, b]) => [a, b.length > a.length ? b.slice(0, a.length) : b.concat(a.slice(b.length))] as const)
  .filter(([a, b]) => new Set(a).size > 1 && new Set(b.map((v, i) => v - (a[i] ?? 0))).size > 1);
const confidence = fc.double({ min: 0.01, max: 0.999, noNaN: true });
const alternative = fc.constantFrom('two-sided' as const, 'greater' as const, 'less' as const);
const close = (found: number, right: number) =>
  expect(distance(found, right, Math.abs(right) + 1e-9)).toBeLessThan(1e-9);

describe.each(kinds)('laws of $name', ({ run }) => {
  test('p is between 0 and 1, and the interval holds the mean difference', () => {
    fc.assert(
      fc.property(samples, alternative, confidence, ([a, b], side, level) => {
        const { pValue, interval, meanDifference } = run(a, b, { alternative: side, confidence: level });
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
        // A one-sided interval below confidence ½ begins beyond the estimate.
        if (side !== 'two-sided' && level < 0.5) return;
        expect(interval[0]).toBeLessThanOrEqual(meanDifference);
        expect(interval[1]).toBeGreaterThanOrEqual(meanDifference);
      }),
    );
  });

  test('swapping the sides turns every sign and both alternatives', () => {
    fc.assert(
      fc.property(samples, ([a, b]) => {
        const there = run(a, b, { alternative: 'greater' });
        const back = run(b, a, { alternative: 'less' });
        close(back.pValue, there.pValue);
        close(back.statistic, -there.statistic);
        close(back.meanDifference, -there.meanDifference);
        close(back.effectSize, -there.effectSize);
        close(back.interval[1], -there.interval[0]);
        close(run(b, a).pValue, run(a, b).pValue);
      }),
    );
  });

  test('shifting all values by the same changes nothing', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), ([a, b], shift) => {
        const moved = run(
          a.map((v) => v + shift),
          b.map((v) => v + shift),
        );
        const still = run(a, b);
        close(moved.statistic, still.statistic);
        close(moved.pValue, still.pValue);
        close(moved.effectSize, still.effectSize);
      }),
    );
  });

  test('scaling all values scales the difference and the interval, also past the squares of doubles', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -900, max: 900 }), ([a, b], exponent) => {
        const scale = 2 ** exponent;
        const scaled = run(
          a.map((v) => v * scale),
          b.map((v) => v * scale),
        );
        const plain = run(a, b);
        close(scaled.pValue, plain.pValue);
        close(scaled.effectSize, plain.effectSize);
        close(scaled.meanDifference / scale, plain.meanDifference);
        close(scaled.interval[0] / scale, plain.interval[0]);
      }),
    );
  });

  test('the interval leaves out 0 just when p is below 1 - confidence', () => {
    fc.assert(
      fc.property(samples, alternative, confidence, ([a, b], side, level) => {
        const { pValue, interval, significant } = run(a, b, { alternative: side, confidence: level });
        // On the border itself rounding decides.
        fc.pre(Math.abs(pValue - (1 - level)) > 1e-9);
        expect(significant).toBe(pValue < 1 - level);
        expect(interval[0] > 0 || interval[1] < 0).toBe(significant);
      }),
      { numRuns: 500 },
    );
  });

  test('the one-sided p-values add up to 1, and twice the smaller is the two-sided one', () => {
    fc.assert(
      fc.property(samples, ([a, b]) => {
        const greater = run(a, b, { alternative: 'greater' }).pValue;
        const less = run(a, b, { alternative: 'less' }).pValue;
        expect(greater + less).toBeCloseTo(1, 14);
        close(run(a, b).pValue, 2 * Math.min(greater, less));
      }),
    );
  });
});

test('a paired test is a test of the differences alone: it does not see what both sides share', () => {
  fc.assert(
    fc.property(samples, fc.array(value, { minLength: 12, maxLength: 12 }), ([a, b], shared) => {
      const add = (values: readonly number[]) => values.map((v, index) => v + (shared[index] ?? 0));
      close(paired(add(a), add(b)).pValue, paired(a, b).pValue);
    }),
  );
});

test('pairs of different number are refused', () => {
  const wrong = () => paired([1, 2, 3], [1, 2]);
  expect(wrong).toThrow(StatsInputError);
  expect(wrong).toThrow(/baseline has 3 values and the treatment 2.*welch/);
});

test.each([
  { options: { confidence: 1 }, message: /confidence is 1; it must be between 0 and 1/ },
  { options: { confidence: Number.NaN }, message: /confidence is NaN/ },
  {
    options: { alternative: 'larger' },
    message: /alternative is "larger"; it must be one of two-sided, greater, less/,
  },
  { options: { alpha: 0.05 }, message: /no option 'alpha'. Its options are: alternative, confidence/ },
])('the options $options are refused', ({ options, message }) => {
  for (const { run } of kinds) {
    expect(() => run([1, 2], [3, 5], options as never)).toThrow(message);
    expect(() => run([1, 2], [3, 5], options as never)).toThrow(
      expect.objectContaining({ code: 'STATS_OPTION_INVALID' }),
    );
  }
});
