import {
  Artifact,
  AsyncExecution,
  type CellRecord,
  datasource,
  Experiment,
  jsonCodec,
  type Plugin,
  pipelineStep,
  StorageError,
  secret,
  withMetrics,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { counting, objectCache, sharing } from './support/caching.ts';
import { rejection } from './support/experiments.ts';

const model = new Artifact('model.json', jsonCodec<{ readonly n: number }>());
const raw = new Artifact('raw/bytes');

const busy = pipelineStep({
  name: 'busy',
  params: { k: 3 },
  cacheable: true,
  run: async (data: number, ctx, { k }) => {
    const base = ctx.get<number>('base') ?? 0;
    ctx.record('first', Number.NaN, { fold: 1 });
    ctx.add('found', { list: [base, k] });
    ctx.get('found');
    await model.write({ n: k });
    await raw.writeStream([Buffer.from('by'), 'tes']);
    ctx.record('second', new Map([[base, -0]]));
    return withMetrics({ data, at: new Date(k) }, { size: 2n }, { last: true });
  },
});
const after = pipelineStep({
  name: 'after',
  run: (data: { readonly at: Date }, ctx) => {
    const found = ctx.get<{ list: number[] }>('found');
    ctx.record('seen', [found, Object.isFrozen(found?.list), data.at.getTime()]);
  },
});

/** A record without what may differ between a step that ran and one that did not. */
const comparable = ({ steps, startedAt: _at, duration: _time, ...record }: CellRecord) => ({
  ...record,
  steps: steps.map(({ duration: _stepTime, cached: _cached, ...step }) => step),
});

test('metrics with tags, artifacts, and what the step added and read are as if it had run', async () => {
  const records: CellRecord[] = [];
  const keeper: Plugin = { name: 'keeper', commitCell: (_run, record) => void records.push(record) };
  const { experiment } = sharing([busy(), after()]);
  const make = () =>
    experiment({ initialContext: { base: 1 }, plugins: [...cachePlugins, keeper], replicates: 2, seed: 3 });
  const cachePlugins = [objectCache().plugin];
  const first = await make().run();
  const second = await make().run();
  expect(records.map(({ steps }) => steps[0]?.cached)).toEqual([false, true, true, true]);
  const [fresh, again, ...later] = records.map(comparable);
  expect(later).toEqual([fresh, again]);
  expect({ ...again, replicate: 0, seed: fresh?.seed }).toEqual(fresh);
  expect(Object.keys(fresh?.steps[0]?.read ?? {})).toEqual(['base', 'found']);
  for (const result of [first, second]) {
    expect(result.warnings).toEqual([]);
    for (const replicate of [0, 1]) {
      expect(await result.artifact(model, { replicate })?.load()).toEqual({ n: 3 });
      expect(await result.artifact(raw, { replicate })?.text()).toBe('bytes');
    }
  }
});

test('hooks around the step are called also when it does not run', async () => {
  const calls: unknown[] = [];
  const plugin: Plugin = {
    name: 'hooks',
    beforeStep: (step) => void calls.push(['before', step.step, step.cell.replicate]),
    afterStep: (step, outcome) =>
      void calls.push(['after', step.step, outcome.status === 'done' && outcome.output]),
  };
  const counted = counting((data) => data, { replicates: 2, plugins: [plugin] });
  await counted.experiment.run();
  expect(counted.runs).toBe(1);
  expect(calls).toEqual([
    ['before', 'work', 0],
    ['after', 'work', 1],
    ['before', 'work', 1],
    ['after', 'work', 1],
  ]);
});

test('a key that only the answered step has read counts as read', async () => {
  const { experiment } = sharing([busy(), after()]);
  for (let time = 0; time < 2; time++) {
    const result = await experiment({ treatments: { t: { base: 1 } } }).run();
    expect(result.warnings).toEqual([]);
  }
});

test('what is passed on can be changed as before, and what is frozen or has no prototype stays so', async () => {
  const make = pipelineStep({
    name: 'make',
    cacheable: true,
    run: () => ({ open: [1], shut: Object.freeze([1]), groups: Object.groupBy([1, 2], (n) => `n${n}`) }),
  });
  const look = pipelineStep({
    name: 'look',
    run: (data: { open: number[]; shut: readonly number[]; groups: object }, ctx) => {
      data.open.push(2);
      ctx.record('look', [
        data.open,
        Object.isFrozen(data.shut),
        'toString' in data.groups,
        Object.keys(data.groups),
      ]);
    },
  });
  const { experiment } = sharing([make(), look()]);
  for (let time = 0; time < 3; time++) {
    const result = await experiment({}).run();
    expect(result.baseline.metrics['look']).toEqual([[[1, 2], true, false, ['n1', 'n2']]]);
  }
});

test.each<[string, () => unknown, RegExp]>([
  ['an output', () => ({ f: () => 1 }), /step 'work' is cacheable.*\$\.f: a function/],
  ['a class instance', () => [new (class Net {})()], /\$\[0\]: an instance of Net/],
])('%s that can not be stored warns once, and the step runs again', async (_what, output, message) => {
  const counted = counting((_data, ctx) => (ctx.get('x'), output()), { replicates: 3 });
  const result = await counted.experiment.run();
  expect(result.status).toBe('done');
  expect(result.warnings).toEqual([expect.stringMatching(message)]);
  expect(counted.runs).toBe(3);
});

test('data, params and context that can not be compared warn once, and the step runs', async () => {
  const closures = counting((data) => data, { data: () => ({ rows: [() => 1] }), replicates: 2 });
  expect((await closures.experiment.run()).warnings).toEqual([
    expect.stringMatching(/the data given to 'work'\.rows\[0\]: a function/),
  ]);
  expect(closures.runs).toBe(2);
  const params = counting((data) => data, { treatments: { t: { k: Symbol('k') } } });
  expect((await params.experiment.run()).warnings).toEqual([
    expect.stringMatching(/the params of 'work'\.k: a symbol/),
  ]);
  const context = counting((data, ctx) => [data, typeof ctx.get('client')], {
    initialContext: { client: () => 1 },
    replicates: 2,
  });
  expect((await context.experiment.run()).warnings).toEqual([
    expect.stringMatching(/ctx\.get\('client'\): a function/),
  ]);
  expect(context.runs).toBe(2);
  const bound = pipelineStep({ name: 'bound', cacheable: true, run: ((data: number) => data).bind(null) });
  const { experiment } = sharing([bound()]);
  expect((await experiment({}).run()).warnings).toEqual([
    expect.stringMatching(/bound function.*Give the step a version/),
  ]);
});

test('a secret tells entries apart, and is in none of them', async () => {
  const cache = objectCache();
  const asked: unknown[] = [];
  const ask = pipelineStep({
    name: 'ask',
    params: { apiKey: '' },
    cacheable: true,
    run: (_data: number, ctx, { apiKey }) => {
      asked.push(apiKey);
      ctx.record('length', apiKey.length);
      return ctx.get('echo') ? { said: apiKey } : 'hello';
    },
  });
  const run = (context: object) =>
    new Experiment({
      name: 'secrets',
      datasource: datasource(() => 1),
      pipeline: [ask()],
      initialContext: context as never,
      plugins: [cache.plugin],
    }).run();
  for (const key of ['hunter2-first', 'hunter2-second', 'hunter2-first']) await run({ apiKey: secret(key) });
  expect(asked).toEqual(['hunter2-first', 'hunter2-second']);
  const { warnings } = await run({ apiKey: secret('hunter2-third'), echo: true });
  expect(warnings).toEqual([expect.stringMatching(/the output of 'ask': a secret/)]);
  const stored = [...cache.objects].map(([key, bytes]) => key + Buffer.from(bytes).toString('latin1')).join();
  expect(stored).not.toMatch(/hunter2/);
});

test.each(['names', 'get', 'put', 'stream'] as const)(
  'a cache whose %s fails costs one warning and no result',
  async (method) => {
    const cache = objectCache();
    const plugin: Plugin = {
      name: 'failing',
      cache: (run) => {
        const sound = cache.plugin.cache?.(run);
        if (!sound) throw new Error('no cache');
        return {
          ...sound,
          [method]: () => {
            throw new StorageError(`EIO at ${Math.random()}`);
          },
        };
      },
    };
    const make = (used: Plugin) =>
      new Experiment({
        datasource: datasource((ctx) => ctx.replicate),
        pipeline: [busy(), after()],
        plugins: [used, AsyncExecution()],
        replicates: 3,
        initialContext: { base: 1 },
      });
    const fresh = await make(cache.plugin).run();
    const result = await make(plugin).run({ seed: 9 });
    expect(result.status).toBe('done');
    expect(result.baseline.metrics).toEqual(fresh.baseline.metrics);
    // What is there already is answered without a write.
    if (method === 'put') expect(result.warnings).toEqual([]);
    else
      expect(result.warnings).toEqual(
        expect.arrayContaining([expect.stringMatching(/cache of steps could not be read.*EIO/)]),
      );
    expect(result.warnings.length).toBeLessThanOrEqual(1);
    cache.objects.clear();
    const { warnings } = await make(plugin).run();
    const written = warnings.filter((warning) => /could not be written/.test(warning));
    expect(written).toHaveLength(method === 'put' ? 1 : 0);
  },
);

test('a hook cache that throws is a warning, and memory serves', async () => {
  const plugin: Plugin = {
    name: 'broken',
    cache: () => {
      throw new Error('not today');
    },
  };
  const counted = counting((data) => data, { replicates: 3, plugins: [plugin] });
  expect((await counted.experiment.run()).warnings).toEqual([
    expect.stringMatching(/broken.*cache.*not today/s),
  ]);
  expect(counted.runs).toBe(1);
});

test('an artifact of an answered step that can not be stored stops the run, as any artifact does', async () => {
  const cache = objectCache();
  let writes = 0;
  const full: Plugin = {
    name: 'full',
    artifacts: () => ({
      write: async (_target, body) => {
        for await (const _piece of body instanceof Uint8Array ? [body] : body);
        writes++;
        throw new StorageError('ENOSPC');
      },
      open: () => {
        throw new Error('nothing is stored');
      },
    }),
  };
  const make = (...plugins: Plugin[]) =>
    new Experiment({
      datasource: datasource(() => 1),
      pipeline: [busy(), after()],
      plugins: [cache.plugin, ...plugins],
    });
  await make().run();
  expect(await rejection(make(full).run())).toMatchObject({ code: 'STORAGE_FAILED', message: 'ENOSPC' });
  expect(writes).toBe(1);
});
