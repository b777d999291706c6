import { ContextMutationError, datasource, Experiment, pipelineStep, treatment } from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, replicateIndex } from './support/experiments.ts';

const step = (name: string, run: Parameters<typeof pipelineStep<unknown, unknown>>[0]['run']) =>
  pipelineStep({ name, run })();

test('a step sees its replicate, condition, seed and signal', async () => {
  const seen: unknown[] = [];
  const experiment = experimentOf(
    (_data, ctx) => void seen.push([ctx.replicate, ctx.condition, ctx.seed, ctx.signal.aborted]),
    { replicates: 2 },
  );
  await experiment.run({ treatments: [treatment('t', {})] });
  expect(seen).toEqual([
    [0, 'baseline', 1, false],
    [0, 't', 1, false],
    [1, 'baseline', 31338, false],
    [1, 't', 31338, false],
  ]);
});

test('what a step adds is seen by the steps that follow, in this cell alone', async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [
      step('first', (data, ctx) => {
        ctx.record('before', ctx.has('key'));
        ctx.add('key', { data });
      }),
      step('second', (_data, ctx) => ctx.record('after', ctx.get('key'))),
    ],
    replicates: 2,
  });
  const result = await experiment.run();
  expect(result.baseline.metrics).toEqual({ before: [false, false], after: [{ data: 0 }, { data: 1 }] });
});

test('setting a key twice is an error, whoever set it first', async () => {
  const cause = async (key: string) => {
    const run = (data: number, ctx: { add(key: string, value: unknown): void }) => {
      ctx.add('own', 1);
      ctx.add(key, 2);
      return data;
    };
    const experiment = new Experiment({
      datasource: replicateIndex(),
      pipeline: [pipelineStep({ name: 'twice', run })()],
      initialContext: { initial: 1 },
      treatments: [treatment('baseline', { treated: undefined })],
    });
    return (await experiment.run()).errors[0]?.cause;
  };
  for (const key of ['own', 'initial', 'treated']) {
    const error = await cause(key);
    expect(error).toBeInstanceOf(ContextMutationError);
    expect(error).toMatchObject({
      code: 'CONTEXT_MUTATION',
      key,
      message: expect.stringContaining("step 'twice'"),
    });
  }
  expect(await cause('free')).toBeUndefined();
});

test('keys that objects have by nature are free', async () => {
  const experiment = experimentOf((_data, ctx) => {
    ctx.record('has', ctx.has('toString'));
    ctx.record('get', ctx.get('constructor'));
    ctx.add('toString', 1);
    ctx.record('added', ctx.get('toString'));
  });
  expect((await experiment.run()).baseline.metrics).toEqual({ has: [false], get: [undefined], added: [1] });
});

/** Whether each of these throws when it is done to the value. */
const spoils = (value: { list: number[]; inner: { n: number } }) =>
  [
    () => (value.list[0] = 9),
    () => value.list.push(9),
    () => (value.inner.n = 9),
    () => Object.assign(value, { other: 9 }),
  ].map((spoil) => {
    try {
      spoil();
      return false;
    } catch (error) {
      return error instanceof TypeError;
    }
  });

const make = () => ({ list: [1], inner: { n: 1 } });

test('plain objects and arrays of the context are frozen deeply, those of the definition in a copy', async () => {
  const initial = make();
  const treated = make();
  const raw = make();
  const seen: boolean[] = [];
  const experiment = new Experiment({
    datasource: datasource((ctx) => seen.push(...spoils(ctx.get('initial') ?? make()))),
    pipeline: [
      step('spoil', (_data, ctx) => {
        ctx.add('added', make());
        ctx.add('shallow', Object.freeze({ ...make() }));
        for (const key of ['initial', 'treated', 'added', 'shallow'])
          seen.push(...spoils(ctx.get(key) as ReturnType<typeof make>));
      }),
    ],
    initialContext: { initial },
    treatments: [treatment('baseline', { treated }), { name: 'raw', values: { treated: raw } }],
  });
  const result = await experiment.run();
  expect(result.errors).toEqual([]);
  expect(seen).toEqual(Array.from({ length: 40 }, () => true));
  for (const given of [initial, treated, raw]) {
    expect(given).toEqual(make());
    expect(Object.isFrozen(given) || Object.isFrozen(given.list) || Object.isFrozen(given.inner)).toBe(false);
  }
});

test('what else the context holds is handed on as it is', async () => {
  const date = new Date(0);
  const map = new Map([['a', 1]]);
  const bytes = new Uint8Array([1]);
  const experiment = experimentOf((_data, ctx) => {
    ctx.add('own', bytes);
    return [ctx.get('date') === date, ctx.get('map') === map, ctx.get('own') === bytes];
  });
  expect(await experiment.apply(treatment('t', { date, map }))).toEqual([true, true, true]);
});

test('what the definition held may change later without any effect', async () => {
  const initial = { k: [1] };
  const treatments = [treatment('a', { k: [2] })];
  const pipeline = [step('show', (_data, ctx) => ctx.record('k', ctx.get('k')))];
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline,
    initialContext: initial,
    treatments,
  });
  initial.k.push(9);
  treatments.push(treatment('a', { k: [3] }) as never);
  pipeline.pop();
  const result = await experiment.run();
  expect(result.baseline.metrics['k']).toEqual([[1]]);
  expect(result.treatments.a.metrics['k']).toEqual([[2]]);
  expect(experiment.treatments).toHaveLength(1);
});

test('an object that is in itself can be put into the context', async () => {
  const loop: Record<string, unknown> = { n: 1 };
  loop['self'] = loop;
  const experiment = experimentOf((_data, ctx) => {
    ctx.add('added', loop);
    return (ctx.get('given') as typeof loop)['self'] === ctx.get('given');
  });
  expect(await experiment.apply(treatment('t', { given: loop }))).toBe(true);
});

test('log and emit reach the listener with their cell and step', async () => {
  const { events, onEvent } = recorder();
  const experiment = experimentOf((_data, ctx) => {
    ctx.log('plain');
    ctx.log('with data', { n: 1 }, 'warn');
    ctx.emit('progress', { at: 0.5 });
    ctx.emit('ping');
  });
  await experiment.run({ onEvent });
  const where = { cell: { replicate: 0, condition: 'baseline', seed: 1 }, step: 'work' };
  expect(events.filter((event) => event.type === 'log' || event.type === 'custom')).toEqual([
    { type: 'log', level: 'info', message: 'plain', ...where },
    { type: 'log', level: 'warn', message: 'with data', data: { n: 1 }, ...where },
    { type: 'custom', name: 'progress', payload: { at: 0.5 }, ...where },
    { type: 'custom', name: 'ping', payload: undefined, ...where },
  ]);
});

test('recording or adding after the end of the step is an error', async () => {
  const late = Promise.withResolvers<unknown[]>();
  const experiment = experimentOf((_data, ctx) => {
    setImmediate(() => {
      const codes = [() => ctx.record('m', 1), () => ctx.add('k', 1)].map((call) => {
        try {
          call();
          return 'nothing';
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      late.resolve(codes);
    });
  });
  const result = await experiment.run();
  expect(await late.promise).toEqual(['ARTIFACT_SCOPE', 'ARTIFACT_SCOPE']);
  expect(result.baseline.metrics).toEqual({});
});
