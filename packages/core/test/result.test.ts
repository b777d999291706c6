import {
  Experiment,
  MissingMetricError,
  pipelineStep,
  treatment,
  UnsupportedValueError,
} from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { experimentOf, replicateIndex } from './support/experiments.ts';

const recording = (values: Readonly<Record<string, unknown>>) =>
  experimentOf((_data, ctx) => {
    for (const [metric, value] of Object.entries(values)) ctx.record(metric, value);
  });

test('numbers() converts bigints and booleans, and keeps NaN', async () => {
  const experiment = experimentOf((data, ctx) => ctx.record('m', [1.5, 2n, true, Number.NaN][data]), {
    replicates: 4,
  });
  const { baseline } = await experiment.run();
  expect(baseline.numbers('m')).toEqual([1.5, 2, 1, Number.NaN]);
  expect(baseline.metrics['m']).toEqual([1.5, 2n, true, Number.NaN]);
});

test('numbers() names the metric that is missing, or the value that is no number', async () => {
  const { baseline } = await recording({ text: 'a', n: 1 }).run();
  expect(() => baseline.numbers('accuracy')).toThrow(MissingMetricError);
  expect(() => baseline.numbers('accuracy')).toThrow(/'accuracy'.*text, n/);
  expect(() => baseline.numbers('text')).toThrow(UnsupportedValueError);
  expect(() => baseline.numbers('text')).toThrow(/text\[0\].*string/);
});

test('a metric may have any name', async () => {
  const names = ['toString', '__proto__', 'constructor', '', ' '].filter((name) => name !== '');
  const experiment = experimentOf((_data, ctx) => {
    for (const name of names) ctx.record(name, 1);
  });
  const result = await experiment.run();
  expect(Object.keys(result.baseline.metrics)).toEqual(names);
  expect(result.baseline.numbers('__proto__')).toEqual([1]);
  expect(result.rows().map((row) => row.metric)).toEqual(names);
});

test('values come back as they were recorded', async () => {
  const values = {
    map: new Map([['a', 1]]),
    date: new Date(0),
    big: 5n,
    list: new Float64Array([1]),
    undef: undefined,
  };
  const { baseline } = await recording(values).run();
  expect(baseline.metrics).toEqual(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value]])),
  );
});

test('rows() are in long form, one for each value', async () => {
  const pipeline = [pipelineStep({ name: 's', run: (data: number, ctx) => ctx.record('m', data) })()];
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline,
    treatments: [treatment('t', {})],
    replicates: 2,
  }).run();
  expect(result.rows()).toEqual([
    { condition: 'baseline', replicate: 0, metric: 'm', value: 0 },
    { condition: 'baseline', replicate: 1, metric: 'm', value: 1 },
    { condition: 't', replicate: 0, metric: 'm', value: 0 },
    { condition: 't', replicate: 1, metric: 'm', value: 1 },
  ]);
});

test('toCSV() keeps numbers exact and quotes what has to be quoted', async () => {
  const result = await recording({
    n: 0.1,
    neg: -5,
    zero: -0,
    nan: Number.NaN,
    big: 2n ** 60n,
    'a,"b"': 'line\nbreak',
    none: null,
    list: [1, Number.NaN],
  }).run();
  expect(result.toCSV()).toBe(
    [
      'condition,replicate,metric,value',
      'baseline,0,n,0.1',
      'baseline,0,neg,-5',
      'baseline,0,zero,-0',
      'baseline,0,nan,NaN',
      'baseline,0,big,1152921504606846976',
      'baseline,0,"a,""b""","line\nbreak"',
      'baseline,0,none,',
      'baseline,0,list,"[1,null]"',
      '',
    ].join('\r\n'),
  );
});

test.each(['=1+1', '+1', '-1', '@sum', '\tx', '\rx'])(
  'toCSV() keeps a spreadsheet from running %j as a formula',
  async (text) => {
    const csv = (await recording({ [text]: text, plain: 'a=b' }).run()).toCSV();
    const fields = csv
      .split(/\r\n(?=baseline|$)/)
      .slice(1, -1)
      .map((line) => line.split(',').slice(2));
    const safe = /["\t\r\n]/.test(text) && /["\r\n]/.test(text) ? `"'${text}"` : `'${text}`;
    expect(fields).toEqual([
      [safe, safe],
      ['plain', 'a=b'],
    ]);
  },
);

test('toCSV() reads back as the rows, whatever the texts', async () => {
  const parse = (csv: string) =>
    [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)].map(
      ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare,
    );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { minLength: 1 }),
      async (entries) => {
        const experiment = experimentOf((_data, ctx) => {
          for (const [metric, value] of entries) ctx.record(metric, value);
        });
        const fields = parse((await experiment.run()).toCSV()).slice(4);
        const shield = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
        expect(fields).toEqual(
          entries.flatMap(([metric, value]) => ['baseline', '0', shield(metric), shield(value)]),
        );
      },
    ),
  );
});

const cycle: Record<string, unknown> = { n: 1 };
cycle['self'] = cycle;

test('toJSON() is strict JSON, whatever was recorded', async () => {
  const values = {
    nan: Number.NaN,
    inf: Number.NEGATIVE_INFINITY,
    deep: { list: [Number.NaN] },
    big: 5n,
    map: new Map<unknown, unknown>([['a', Number.NaN]]),
    set: new Set([1]),
    date: new Date(0),
    bad: new Date(Number.NaN),
    bytes: new Uint8Array([1, 2]),
    floats: new Float64Array([Number.NaN]),
    bigs: new BigInt64Array([1n]),
    cycle,
    fn: Math.max,
    symbol: Symbol('s'),
    undef: undefined,
    error: new Error('e'),
  };
  const json = JSON.parse(JSON.stringify(await recording(values).run()));
  expect(json.baseline.metrics).toEqual({
    nan: [null],
    inf: [null],
    deep: [{ list: [null] }],
    big: ['5'],
    map: [[['a', null]]],
    set: [[1]],
    date: ['1970-01-01T00:00:00.000Z'],
    bad: [null],
    bytes: [[1, 2]],
    floats: [[null]],
    bigs: [['1']],
    cycle: [{ n: 1, self: '[circular]' }],
    fn: [expect.stringContaining('max')],
    symbol: ['Symbol(s)'],
    undef: [null],
    error: [{ name: 'Error', message: 'e' }],
  });
});

test('toJSON() sums the run up', async () => {
  const experiment = experimentOf(
    (data, ctx) => {
      ctx.record('m', data);
      if (data === 1) throw new Error('one');
    },
    { replicates: 2, name: 'named' },
  );
  expect((await experiment.run()).toJSON()).toEqual({
    experiment: 'named',
    status: 'failed',
    seed: 1,
    replicates: 2,
    executed: 2,
    restored: 0,
    baseline: { metrics: { m: [0] }, seeds: [1, 31338] },
    treatments: {},
    hypotheses: [],
    errors: [{ replicate: 1, condition: 'baseline', step: 'work', message: expect.stringContaining('one') }],
    warnings: [],
  });
});

test('a run without plugins is nowhere kept, and counts its cells', async () => {
  const result = await recording({}).run({ replicates: 3 });
  expect(result).toMatchObject({
    status: 'done',
    version: undefined,
    dir: undefined,
    executed: 3,
    restored: 0,
    replicates: 3,
  });
  expect(result.hypothesis('none')).toBeUndefined();
});
