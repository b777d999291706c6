import type { MetricValues, VerifierInfo } from '@crystallize/core';
import { describe, expect, test } from 'vitest';
import { paired, pairedTTest, StatsInputError, welch, welchTTest } from '../src/index.ts';

/** What core hands to a verifier for replicates whose cells have these values. */
function told(baseline: MetricValues, treatment: MetricValues, dropped = 0): VerifierInfo {
  const metrics = Object.keys(baseline);
  const pairsOf = (metric: string) =>
    (baseline[metric] ?? []).flatMap((value, replicate) => {
      const other = treatment[metric]?.[replicate];
      return other === undefined ? [] : [{ replicate, baseline: value, treatment: other }];
    });
  const replicates = Math.max(...Object.values(baseline).map((values) => values.length)) + dropped;
  const pairs = Object.fromEntries(metrics.map((metric) => [metric, pairsOf(metric)]));
  return { treatment: 'k=1', metrics, pairs, dropped, replicates };
}

const baseline = { accuracy: [0.71, 0.74, 0.69, 0.73] };
const treatment = { accuracy: [0.75, 0.79, 0.7, 0.78] };

const kinds = [
  { name: 'welchTTest', make: welchTTest, plain: welch },
  { name: 'pairedTTest', make: pairedTTest, plain: paired },
];

describe.each(kinds)('$name', ({ name, make, plain }) => {
  test('gives the numbers of the plain function, and the metric', async () => {
    const options = { alternative: 'greater', confidence: 0.9 } as const;
    const result = await make(options)(baseline, treatment, told(baseline, treatment));
    expect(result).toEqual({ metric: 'accuracy', ...plain(baseline.accuracy, treatment.accuracy, options) });
    expect(result.pValue).toBeGreaterThan(0);
    expect(result.meanDifference).toBeGreaterThan(0);
  });

  test('counts the replicates that lack a value', async () => {
    const result = await make()(baseline, treatment, told(baseline, treatment, 3));
    expect(result.dropped).toBe(3);
  });

  test('counts recorded values that are no numbers on top of them', async () => {
    const holes = { accuracy: [0.75, null, 0.7, Number.NaN] };
    const result = await make()(baseline, holes, told(baseline, holes, 3));
    expect(result.dropped).toBe(5);
  });

  test('takes bigints as numbers', async () => {
    const [few, many] = [{ steps: [10n, 12n, 11n] }, { steps: [14n, 15n, 19n] }];
    const result = await make()(few, many, told(few, many));
    expect(result.pValue).toBe(plain([10, 12, 11], [14, 15, 19]).pValue);
  });

  test('tests the named one of several metrics, and counts the replicates that lack that one', async () => {
    const several = [
      { accuracy: [0.7, 0.8, 0.75], loss: [3, 2, 4] },
      { accuracy: [0.7, 0.9, 0.8], loss: [1, 2, undefined as never] },
    ] as const;
    const info = { ...told(...several, 0), dropped: 1 };
    expect(await make({ metric: 'accuracy' })(...several, info)).toMatchObject({
      metric: 'accuracy',
      dropped: 0,
    });
  });

  test('refuses several metrics of which none is named', () => {
    const both = { accuracy: [1, 2], loss: [3, 4] };
    const wrong = () => make()(both, both, told(both, both));
    expect(wrong).toThrow(StatsInputError);
    expect(wrong).toThrow(new RegExp(`${name} tests one metric.*'accuracy', 'loss'.*metric: 'accuracy'`));
  });

  test('refuses a metric that the hypothesis does not have', () => {
    const wrong = () => make({ metric: 'acuracy' })(baseline, treatment, told(baseline, treatment));
    expect(wrong).toThrow(/'acuracy', and the hypothesis gives it 'accuracy'/);
    expect(wrong).toThrow(expect.objectContaining({ code: 'STATS_METRIC_UNSUITABLE' }));
  });

  test.each([
    { values: ['cat', 'dog'], found: 'the string "cat"' },
    { values: [true, false], found: 'true' },
    { values: [null, null], found: 'null' },
    { values: [{ a: 1 }], found: 'an object' },
    { values: [[1, 2]], found: 'an array' },
  ])('refuses a metric that is $found', ({ values, found }) => {
    const labels = { accuracy: values };
    const wrong = () => make()(baseline, labels, told(baseline, labels));
    expect(wrong).toThrow(StatsInputError);
    expect(wrong).toThrow(`of the treatment holds none: its first value is ${found}`);
    const other = () => make()(labels, treatment, told(labels, treatment));
    expect(other).toThrow(`of the baseline holds none: its first value is ${found}`);
  });

  test('refuses a side that lacks the metric', () => {
    const wrong = () => make()(baseline, {}, told(baseline, {}));
    expect(wrong).toThrow(`${name}: the treatment has no values of the metric 'accuracy'.`);
  });

  test('does not throw where no cell has ended with a number', async () => {
    const nothing = { accuracy: [] };
    const result = await make()(baseline, nothing, told(baseline, nothing, 4));
    expect(result.pValue).toBeNaN();
    expect(result.reason).toMatch(/at least 2/);
    const notANumber = { accuracy: [Number.NaN, Number.NaN] };
    expect((await make()(baseline, notANumber, told(baseline, notANumber))).pValue).toBeNaN();
  });

  test('refuses wrong options when it is made', () => {
    expect(() => make({ alternative: 'more' as never })).toThrow(
      new RegExp(`^${name}: alternative is "more"`),
    );
    expect(() => make({ metrics: 'accuracy' } as never)).toThrow(
      /Its options are: alternative, confidence, metric/,
    );
  });
});

test('pairedTTest uses the pairs and not the positions of values', async () => {
  // Replicate 1 failed in the treatment, so positions and replicates differ.
  const [left, right] = [{ loss: [5, 9, 7, 6] }, { loss: [4, 5, 5.5] }];
  const pairs = [
    { replicate: 0, baseline: 5, treatment: 4 },
    { replicate: 2, baseline: 7, treatment: 5 },
    { replicate: 3, baseline: 6, treatment: 5.5 },
  ];
  const info = { treatment: 't', metrics: ['loss'], pairs: { loss: pairs }, dropped: 1, replicates: 4 };
  const result = await pairedTTest()(left, right, info);
  expect(result).toEqual({ metric: 'loss', ...paired([5, 7, 6], [4, 5, 5.5]), dropped: 1 });
  expect(result.n).toBe(3);
});

test('welchTTest uses every value of both sides', async () => {
  const [left, right] = [{ loss: [5, 9, 7, 6] }, { loss: [4, 5, 5.5] }];
  const info = { treatment: 't', metrics: ['loss'], pairs: { loss: [] }, dropped: 1, replicates: 4 };
  const result = await welchTTest()(left, right, info);
  expect(result.n).toEqual({ baseline: 4, treatment: 3 });
  expect(result.dropped).toBe(1);
});
