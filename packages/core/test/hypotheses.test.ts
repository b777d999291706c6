import {
  Experiment,
  hypothesis,
  MissingMetricError,
  pipelineStep,
  treatment,
  type Verifier,
} from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replicateIndex } from './support/experiments.ts';

type Declared = Parameters<typeof hypothesis>[0];

/** By condition and replicate: the values of metric `m`, or 'fail'. Conditions besides the baseline are the treatments. */
function experimentWith(
  values: Record<string, readonly (readonly unknown[] | 'fail')[]>,
  ...declared: readonly Declared[]
) {
  const measure = pipelineStep({
    name: 'measure',
    run(replicate: number, ctx) {
      const own = values[ctx.condition]?.[replicate] ?? [];
      if (own === 'fail') throw new Error('no value');
      for (const value of own) ctx.record('m', value);
      ctx.record('n', replicate);
    },
  });
  const names = Object.keys(values).filter((name) => name !== 'baseline');
  return new Experiment({
    datasource: replicateIndex(),
    pipeline: [measure()],
    treatments: names.map((name) => treatment(name, {})),
    hypotheses: declared.map((entry) => hypothesis(entry)),
    replicates: Math.max(...Object.values(values).map((list) => list.length)),
  });
}

/** Returns what it was called with. */
const echo: Verifier = (baseline, treated, info) => ({ baseline, treated, info });

test('a verifier gets both sides in replicate order, the pairs, and how many replicates lack one', async () => {
  const experiment = experimentWith(
    { baseline: [[1], 'fail', [3], [4]], t: [[10], [20], 'fail', [40]] },
    { name: 'h', metrics: ['m', 'n'], verifier: echo },
  );
  const result = await experiment.run();
  expect(result.hypothesis('h')?.results['t']).toEqual({
    baseline: { m: [1, 3, 4], n: [0, 2, 3] },
    treated: { m: [10, 20, 40], n: [0, 1, 3] },
    info: {
      treatment: 't',
      metrics: ['m', 'n'],
      pairs: {
        m: [
          { replicate: 0, baseline: 1, treatment: 10 },
          { replicate: 3, baseline: 4, treatment: 40 },
        ],
        n: [
          { replicate: 0, baseline: 0, treatment: 0 },
          { replicate: 3, baseline: 3, treatment: 3 },
        ],
      },
      dropped: 2,
      replicates: 4,
    },
  });
});

test('several values of one cell are paired in the order they were recorded', async () => {
  const experiment = experimentWith(
    { baseline: [[1, 2, 3]], t: [[10, 20]] },
    { metrics: 'm', verifier: echo },
  );
  const { info } = (await experiment.run()).hypothesis('m')?.results['t'] as {
    info: { pairs: unknown; dropped: number };
  };
  expect(info.pairs).toEqual({
    m: [
      { replicate: 0, baseline: 1, treatment: 10 },
      { replicate: 0, baseline: 2, treatment: 20 },
    ],
  });
  expect(info.dropped).toBe(0);
});

const scored = (scores: Record<string, number>, more: Partial<Declared> = {}): Declared => ({
  name: 'h',
  metrics: 'm',
  verifier: (_baseline, _treatment, { treatment: name }) => ({ pValue: scores[name] }),
  ...more,
});

const rankingOf = async (scores: Record<string, number>, more: Partial<Declared> = {}) => {
  const values = Object.fromEntries(['baseline', ...Object.keys(scores)].map((name) => [name, [[1]]]));
  return (await experimentWith(values, scored(scores, more)).run()).hypothesis('h')?.ranking;
};

test('the lowest pValue is the best, NaN comes last, equal scores keep the order of the treatments', async () => {
  expect(
    await rankingOf({ a: Number.NaN, b: 0.5, c: 0.1, d: 0.5, e: Number.POSITIVE_INFINITY, f: Number.NaN }),
  ).toEqual({
    best: 'c',
    ranked: [
      ['c', 0.1],
      ['b', 0.5],
      ['d', 0.5],
      ['e', Number.POSITIVE_INFINITY],
      ['a', Number.NaN],
      ['f', Number.NaN],
    ],
  });
  expect((await rankingOf({ a: Number.NaN }))?.best).toBeUndefined();
});

test('the ranking is a stable sort with NaN last, for any scores', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double(), { minLength: 1, maxLength: 8 }), async (scores) => {
      const ranking = await rankingOf(Object.fromEntries(scores.map((score, index) => [`t${index}`, score])));
      const order = scores.map((score, index) => ({ score, index }));
      const expected = [
        ...order
          .filter(({ score }) => !Number.isNaN(score))
          .sort((a, b) => (a.score === b.score ? a.index - b.index : a.score < b.score ? -1 : 1)),
        ...order.filter(({ score }) => Number.isNaN(score)),
      ];
      expect(ranking?.ranked).toEqual(expected.map(({ score, index }) => [`t${index}`, score]));
    }),
    { numRuns: 50 },
  );
});

test("Python's p_value scores too, pValue before it, and a ranker before both", async () => {
  const values = { baseline: [[1]], a: [[1]], b: [[1]] };
  const verifier: Verifier = (_b, _t, { treatment: name }) => ({
    p_value: name === 'a' ? 0.9 : 0.2,
    effect: name === 'a' ? 3 : 1,
  });
  const ranker = (result: unknown) => -(result as { effect: number }).effect;
  const result = await experimentWith(
    values,
    { name: 'p', metrics: 'm', verifier },
    { name: 'r', metrics: 'm', verifier, ranker },
  ).run();
  expect(result.hypothesis('p')?.ranking.ranked).toEqual([
    ['b', 0.2],
    ['a', 0.9],
  ]);
  expect(result.hypothesis('r')?.ranking.ranked).toEqual([
    ['a', -3],
    ['b', -1],
  ]);
  expect(await rankingOf({ a: 1 }, { verifier: () => ({ pValue: 0.3, p_value: 0.1 }) })).toMatchObject({
    ranked: [['a', 0.3]],
  });
  expect(await rankingOf({ a: 1 }, { verifier: () => ({ verdict: 'none' }) })).toEqual({
    best: undefined,
    ranked: [['a', Number.NaN]],
  });
});

test('a ranker that yields no number ranks its treatment as NaN', async () => {
  const ranker = (result: unknown) =>
    (result as { pValue: number }).pValue || (undefined as unknown as number);
  expect(
    (await rankingOf({ a: 0, b: 0.1, c: 0, d: 0.05 }, { ranker }))?.ranked.map(([name]) => name),
  ).toEqual(['d', 'b', 'a', 'c']);
});

test('groups of metrics give one object each, and the ranker scores them together', async () => {
  const experiment = experimentWith(
    { baseline: [[1]], t: [[5]] },
    {
      name: 'groups',
      metrics: [['m'], ['m', 'n']],
      verifier: async (_baseline, treated, info) => ({
        metrics: info.metrics,
        sum: Object.values(treated).flat().length,
      }),
      ranker: (groups) => (groups as { sum: number }[]).reduce((sum, group) => sum + group.sum, 0),
    },
  );
  const found = (await experiment.run()).hypothesis('groups');
  expect(found?.results['t']).toEqual([
    { metrics: ['m'], sum: 1 },
    { metrics: ['m', 'n'], sum: 2 },
  ]);
  expect(found?.ranking).toEqual({ best: 't', ranked: [['t', 3]] });
});

test('a hypothesis without a name is named after its metrics', () => {
  expect(hypothesis({ metrics: ['a', 'b'], verifier: echo }).name).toBe('a, b');
});

test('a missing metric is told on its hypothesis alone, and no result is lost', async () => {
  const experiment = experimentWith(
    { baseline: [[1]], t: [[2]] },
    { name: 'missing', metrics: 'accuracy', verifier: echo },
    { name: 'fine', metrics: 'm', verifier: () => ({ pValue: 0.5 }) },
  );
  const result = await experiment.run();
  const missing = result.hypothesis('missing');
  expect(missing?.error).toBeInstanceOf(MissingMetricError);
  expect(missing?.error).toMatchObject({
    metric: 'accuracy',
    message: expect.stringMatching(/'accuracy'.*m, n/),
  });
  expect(missing?.results).toEqual({});
  expect(missing?.ranking).toEqual({ best: undefined, ranked: [] });
  expect(result.hypothesis('fine')).toEqual({
    name: 'fine',
    results: { t: { pValue: 0.5 } },
    ranking: { best: 't', ranked: [['t', 0.5]] },
  });
  expect(result.status).toBe('done');
  expect(result.treatments['t']?.metrics['m']).toEqual([2]);
  expect(result.warnings.join()).toContain("'missing'");
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no test');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no test'))],
])('a verifier that %s for one treatment leaves the others', async (_how, fail) => {
  const verifier: Verifier = (_b, _t, { treatment: name }) => (name === 'bad' ? fail() : { pValue: 0.1 });
  const result = await experimentWith(
    { baseline: [[1]], bad: [[1]], good: [[1]] },
    { name: 'h', metrics: 'm', verifier },
  ).run();
  expect(result.hypothesis('h')).toMatchObject({
    results: { good: { pValue: 0.1 } },
    ranking: { best: 'good' },
    error: { message: 'no test' },
  });
  expect(result.status).toBe('done');
});

test('a ranker that throws is told, and the result stays', async () => {
  const ranker = () => {
    throw new Error('no rank');
  };
  const result = await experimentWith({ baseline: [[1]], t: [[1]] }, scored({ t: 1 }, { ranker })).run();
  expect(result.hypothesis('h')).toMatchObject({
    results: { t: { pValue: 1 } },
    ranking: { ranked: [] },
    error: { message: 'no rank' },
  });
});

test('whatever a verifier does to its lists reaches neither the result nor another verifier', async () => {
  const spoil: Verifier = (baseline, treated, info) => {
    for (const side of [baseline, treated]) (side['m'] as unknown[]).length = 0;
    (info.pairs['m'] as unknown[]).length = 0;
    return {};
  };
  const experiment = experimentWith(
    { baseline: [[1], [2]], t: [[3], [4]], u: [[5], [6]] },
    { name: 'spoil', metrics: 'm', verifier: spoil },
    { name: 'echo', metrics: 'm', verifier: echo },
  );
  const result = await experiment.run();
  expect(result.baseline.metrics['m']).toEqual([1, 2]);
  expect(result.hypothesis('echo')?.results['u']).toMatchObject({
    baseline: { m: [1, 2] },
    treated: { m: [5, 6] },
  });
});

test('run() may test other hypotheses, and one narrowed to the baseline tests none', async () => {
  const experiment = experimentWith({ baseline: [[1]], t: [[1]] }, scored({ t: 1 }));
  const other = await experiment.run({
    hypotheses: [hypothesis({ name: 'other', metrics: 'n', verifier: () => ({}) })],
  });
  expect(other.hypotheses.map(({ name }) => name)).toEqual(['other']);
  expect((await experiment.run({ treatments: [] })).hypotheses).toEqual([]);
});

test.each([
  ['undefined', undefined],
  ['null', null],
  ['0.5', 0.5],
  ["'p = 0.5'", 'p = 0.5'],
  ['true', true],
])(
  'a verifier that returns %s is an error of that hypothesis, which says what is expected',
  async (shown, value) => {
    const verifier = (() => value) as unknown as Verifier;
    const result = await experimentWith(
      { baseline: [[1]], t: [[2]] },
      { name: 'wrong', metrics: 'm', verifier, ranker: () => 1 },
      {
        name: 'wrong of several',
        metrics: [['m'], ['n']],
        verifier: async () => verifier({}, {}, {} as never),
        ranker: () => 1,
      },
      { name: 'fine', metrics: 'm', verifier: () => ({ pValue: 0.5 }) },
    ).run();
    for (const name of ['wrong', 'wrong of several']) {
      const { results, ranking, error } = result.hypothesis(name) ?? {};
      expect([results, ranking]).toEqual([{}, { best: undefined, ranked: [] }]);
      expect(error).toBeInstanceOf(TypeError);
      expect(error?.message).toContain(
        `The verifier of the hypothesis '${name}' returned ${shown} for the treatment 't'. It has to return an object`,
      );
    }
    expect(result.hypothesis('fine')?.error).toBeUndefined();
  },
);
