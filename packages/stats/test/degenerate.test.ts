import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paired, summary, welch } from '../src/index.ts';

const kinds = [
  { name: 'welch', run: welch },
  { name: 'paired', run: paired },
];

describe.each(kinds)('$name with numbers it can not test', ({ run }) => {
  test.each([
    [[], []],
    [[1], [2]],
    [
      [Number.NaN, 1],
      [3, Number.NaN],
    ],
  ])('says that %j and %j are too few', (baseline, treatment) => {
    const result = run(baseline, treatment);
    expect(result.pValue).toBeNaN();
    expect(result.statistic).toBeNaN();
    expect(result.interval).toEqual([Number.NaN, Number.NaN]);
    expect(result.significant).toBe(false);
    expect(result.reason).toMatch(/at least 2 .*Run more replicates/);
  });

  test('still gives the mean difference of one value on each side', () => {
    expect(run([1], [2.5]).meanDifference).toBe(1.5);
  });

  test('says how many values are infinite', () => {
    const result = run([1, 2, Number.POSITIVE_INFINITY], [1, 2, 3]);
    expect(result.pValue).toBeNaN();
    expect(result.significant).toBe(false);
    expect(result.reason).toMatch(/the baseline has 1 of them and the treatment 0/);
    expect(result.baseline).toEqual({ n: 3, mean: Number.POSITIVE_INFINITY, sd: Number.NaN });
  });

  test('calls the same constant on both sides no difference', () => {
    const values = [0.1, 0.1, 0.1];
    const result = run(values, values);
    expect(result).toMatchObject({
      pValue: 1,
      statistic: 0,
      meanDifference: 0,
      interval: [0, 0],
      effectSize: 0,
    });
    expect(result.significant).toBe(false);
    expect(result.reason).toMatch(/no difference and no spread/);
    expect(run(values, values, { alternative: 'greater' }).pValue).toBe(0.5);
  });

  test('calls zeros on both sides no difference', () => {
    expect(run([0, 0, 0], [0, 0, 0])).toMatchObject({ pValue: 1, meanDifference: 0, effectSize: 0 });
  });

  test('gives the limit of a vanishing spread for two constants', () => {
    const [low, high] = [
      [0.25, 0.25, 0.25],
      [0.5, 0.5, 0.5],
    ];
    const result = run(low, high);
    expect(result).toMatchObject({ pValue: 0, statistic: Number.POSITIVE_INFINITY, meanDifference: 0.25 });
    expect(result).toMatchObject({
      significant: true,
      interval: [0.25, 0.25],
      effectSize: Number.POSITIVE_INFINITY,
    });
    expect(result.reason).toMatch(/no spread to hold the difference against/);
    expect(run(low, high, { alternative: 'greater' })).toMatchObject({
      pValue: 0,
      interval: [0.25, Infinity],
    });
    expect(run(low, high, { alternative: 'less' })).toMatchObject({ pValue: 1, interval: [-Infinity, 0.25] });
    expect(run(high, low)).toMatchObject({ pValue: 0, statistic: Number.NEGATIVE_INFINITY });
  });

  test('does not take rounding for a difference', () => {
    const result = run([0.3, 0.3, 0.3], [0.1 + 0.2, 0.1 + 0.2, 0.3]);
    expect(result).toMatchObject({ pValue: 1, meanDifference: 0, significant: false });
  });

  test('does not take small differences between large values for rounding', () => {
    const baseline = [1e15, 1e15 + 1, 1e15 + 2, 1e15 + 1];
    expect(run(baseline, [1e15 + 3, 1e15 + 5, 1e15 + 5, 1e15 + 6])).not.toHaveProperty('reason');
  });

  test('never throws and never gives a p-value outside [0, 1], whatever the doubles', () => {
    const any = fc.array(fc.double(), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(any, any, (baseline, treatment) => {
        const { pValue, reason, dropped } = run(baseline, treatment);
        expect((pValue >= 0 && pValue <= 1) || (Number.isNaN(pValue) && reason !== undefined)).toBe(true);
        expect(dropped).toBeLessThanOrEqual(
          baseline.filter(Number.isNaN).length + treatment.filter(Number.isNaN).length,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

test('welch leaves out what is no number and counts it', () => {
  const dirty = welch([1, Number.NaN, 2, 4], [3, 5, 4, undefined as never, 'x' as never]);
  expect(dirty).toEqual({ ...welch([1, 2, 4], [3, 5, 4]), dropped: 3 });
});

test('paired leaves out both values of a pair with one that is no number', () => {
  const dirty = paired([1, Number.NaN, 2, 4, 7], [3, 5, 5, 6, null as never]);
  expect(dirty).toEqual({ ...paired([1, 2, 4], [3, 5, 6]), dropped: 2 });
});

test('paired has no effect size for two pairs, where no correction exists', () => {
  const result = paired([1, 2], [3, 5]);
  expect(result.effectSize).toBeNaN();
  expect(result.pValue).toBeGreaterThan(0);
});

test('paired differences of the same size are constant also where the values vary', () => {
  const result = paired([0.1, 0.2, 0.7], [0.3, 0.4, 0.9]);
  expect(result.reason).toMatch(/All pairs differ by the same amount/);
  expect(result.pValue).toBe(0);
  expect(Number.isFinite(result.effectSize)).toBe(true);
});

test('typed arrays are samples too', () => {
  const [a, b] = [
    [1, 2, 4],
    [3, 5, 4.5],
  ];
  expect(welch(Float64Array.from(a), Float64Array.from(b))).toEqual(welch(a, b));
});

describe('summary', () => {
  test('has the certified values of NIST NumAcc4', () => {
    const { n, mean, sd } = summary([
      10000000.2,
      ...Array.from({ length: 500 }, () => [10000000.1, 10000000.3]).flat(),
    ]);
    expect(n).toBe(1001);
    // Up to what the inputs lose as doubles, 1.9e-9 each.
    expect(mean).toBeCloseTo(10000000.2, 8);
    expect(sd).toBeCloseTo(0.1, 8);
  });

  test('has the certified values of NIST NumAcc1', () => {
    expect(summary([10000001, 10000003, 10000002])).toEqual({ n: 3, mean: 10000002, sd: 1 });
  });

  test('leaves out NaN, and says NaN where nothing is left', () => {
    expect(summary([1, Number.NaN, 3])).toEqual({ n: 2, mean: 2, sd: Math.SQRT2 });
    expect(summary([])).toEqual({ n: 0, mean: Number.NaN, sd: Number.NaN });
    expect(summary([7])).toEqual({ n: 1, mean: 7, sd: Number.NaN });
    expect(summary([0.1, 0.1, 0.1])).toEqual({ n: 3, mean: 0.1, sd: 0 });
  });

  test('is right where the mean falls between two doubles', () => {
    expect(summary([1e16, 1e16 + 2]).sd).toBe(Math.SQRT2);
  });

  test('bears values whose squares would overflow or vanish, and zeros', () => {
    expect(summary([2 ** 1000, 3 * 2 ** 1000])).toEqual({
      n: 2,
      mean: 2 ** 1001,
      sd: Math.SQRT2 * 2 ** 1000,
    });
    expect(summary([2 ** -1000, 3 * 2 ** -1000])).toEqual({
      n: 2,
      mean: 2 ** -999,
      sd: Math.SQRT2 * 2 ** -1000,
    });
    expect(summary([0, 0])).toEqual({ n: 2, mean: 0, sd: 0 });
  });

  test('takes opposite infinities for no mean', () => {
    expect(summary([1, Infinity, 2]).mean).toBe(Infinity);
    expect(summary([Infinity, -Infinity]).mean).toBeNaN();
  });
});
