import {
  Experiment,
  ExperimentGraph,
  GraphInvalidError,
  inputs,
  pipelineStep,
  treatment,
  UpstreamFailedError,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { recorder, rejection, replicateIndex } from './support/experiments.ts';
import { made, madeBy, make } from './support/upstream.ts';

const source = (name: string, more: object = {}) =>
  new Experiment({
    name,
    datasource: replicateIndex(),
    pipeline: [make()],
    outputs: [made],
    replicates: 2,
    seed: 1,
    ...more,
  });

const after = (name: string, upstream: Experiment | ReturnType<typeof source>, more: object = {}) =>
  new Experiment({
    name,
    datasource: madeBy(upstream),
    pipeline: [make()],
    outputs: [made],
    seed: 1,
    ...more,
  });

test('experiments run in the order of their dependencies, whatever the order in which they are given', async () => {
  const a = source('a');
  const b = after('b', a);
  const c = after('c', b);
  const { events, onEvent } = recorder();
  const results = await new ExperimentGraph([c, a, b], { name: 'g' }).run({ onEvent });
  const started = events.flatMap((event) => (event.type === 'run:start' ? [event.experiment.name] : []));
  expect(started).toEqual(['a', 'b', 'c']);
  expect(Object.keys(results)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  expect(results['c']?.baseline.metrics['made']).toEqual([3, 4]);
  expect(results['c']?.replicates).toBe(2);
});

test('edges follow from datasources inside inputs, and from those of treatments', () => {
  const a = source('a');
  const b = new Experiment({
    name: 'b',
    datasource: inputs({ one: inputs({ two: madeBy(a) }) }),
    pipeline: [pipelineStep({ name: 's', run: (x: unknown) => x })()] as never,
  });
  const c = source('c', { treatments: [treatment('t', {}, { datasource: madeBy(a) })] });
  const nodes = new ExperimentGraph([b, c, a]).nodes();
  expect(nodes.map(({ name, upstream }) => [name, upstream])).toEqual([
    ['a', []],
    ['b', ['a']],
    ['c', ['a']],
  ]);
});

test("a downstream experiment inherits its upstream's treatments by name, and its own of the same name win", async () => {
  const a = source('a', {
    treatments: [treatment('x', { add: 10 }), treatment('y', { add: 20 }), treatment('baseline', { add: 5 })],
  });
  const b = after('b', a, { treatments: [treatment('y', { add: 1000 }), treatment('z', { add: 7 })] });
  const c = after('c', b);
  const results = await new ExperimentGraph([a, b, c]).run({ replicates: 1 });
  const values = (name: string) =>
    Object.fromEntries(
      Object.entries(results[name]?.treatments ?? {}).map(([condition, side]) => [
        condition,
        side.numbers('made')[0],
      ]),
    );
  expect([results['a']?.baseline.metrics['made'], values('a')]).toEqual([[5], { x: 10, y: 20 }]);
  // b's own baseline is its own affair; z reads a's baseline.
  expect([results['b']?.baseline.metrics['made'], values('b')]).toEqual([[6], { x: 20, y: 1020, z: 12 }]);
  expect([results['c']?.baseline.metrics['made'], values('c')]).toEqual([[7], { x: 30, y: 2020, z: 19 }]);
  expect(results['c']?.warnings).toEqual([]);
});

test('a key of an inherited treatment that nothing reads downstream is no cause for a warning', async () => {
  const a = source('a', { treatments: [treatment('x', { add: 10 })] });
  const b = after('b', a, { pipeline: [pipelineStep({ name: 's', run: (data: number) => data })()] });
  expect((await new ExperimentGraph([a, b]).run())['b']?.warnings).toEqual([]);
});

test('what an upstream experiment varies may be fixed downstream', async () => {
  const a = source('a', { treatments: [treatment('x', { add: 10 })] });
  const b = after('b', a, { pipeline: [make({ add: 2 })] });
  const results = await new ExperimentGraph([a, b]).run();
  expect(results['b']?.status).toBe('done');
  expect(results['b']?.treatments['x']?.metrics['made']).toEqual([12, 13]);
});

test('a cell that needs a failed upstream cell fails as UpstreamFailedError, and only that cell', async () => {
  const fail = pipelineStep({
    name: 'fail',
    run(data: number, ctx) {
      if (ctx.replicate === 1 && ctx.condition === 'x') throw new Error('no data');
      return data;
    },
  });
  const a = source('a', { pipeline: [fail(), make()], treatments: [treatment('x', { add: 10 })] });
  const results = await new ExperimentGraph([a, after('b', a)]).run();
  expect(results['b']?.errors).toHaveLength(1);
  const [error] = results['b']?.errors ?? [];
  expect(error).toMatchObject({ replicate: 1, condition: 'x', step: 'datasource' });
  expect(error?.cause).toBeInstanceOf(UpstreamFailedError);
  expect(error?.cause).toMatchObject({
    code: 'UPSTREAM_FAILED',
    experiment: 'a',
    replicate: 1,
    condition: 'x',
  });
  expect(results['b']?.baseline.metrics['made']).toEqual([2, 3]);
  expect(results['b']?.treatments['x']?.metrics['made']).toEqual([20]);
});

test('an experiment that throws yields a failed result, what needs it is skipped, and the others go on', async () => {
  const plugin = {
    name: 'broken',
    beforeRun: () => {
      throw new Error('no disk');
    },
  };
  const a = source('a', { plugins: [plugin] });
  const b = after('b', a);
  const c = after('c', b);
  const other = source('other');
  const results = await new ExperimentGraph([a, b, c, other]).run();
  expect(Object.fromEntries(Object.entries(results).map(([name, { status }]) => [name, status]))).toEqual({
    a: 'failed',
    b: 'skipped',
    c: 'skipped',
    other: 'done',
  });
  expect(results['a']?.error).toMatchObject({
    code: 'PLUGIN_FAILED',
    message: expect.stringContaining('no disk'),
  });
  expect(results['b']?.error?.message).toMatch(/'b' was skipped, since 'a'.*failed.*no disk/);
  expect(results['c']?.error?.message).toMatch(/'b'.*was skipped/);
  expect(results['c']).toMatchObject({ executed: 0, errors: [], hypotheses: [] });
  expect(results['c']?.rows()).toEqual([]);
  expect(JSON.parse(JSON.stringify(results['b']))).toMatchObject({
    status: 'skipped',
    error: { message: expect.stringContaining('skipped') },
  });
});

test('independent branches run side by side', async () => {
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const meeting = (name: string, own: number) =>
    source(name, {
      pipeline: [
        pipelineStep({
          name: 'meet',
          async run(data: number) {
            both[own]?.resolve();
            await both[1 - own]?.promise;
            return data;
          },
        })(),
      ],
    });
  const results = await new ExperimentGraph([meeting('a', 0), meeting('b', 1)]).run();
  expect([results['a']?.status, results['b']?.status]).toEqual(['done', 'done']);
});

test('an experiment that two others need runs once', async () => {
  let runs = 0;
  const a = source('a', { plugins: [{ name: 'count', beforeRun: () => void runs++ }] });
  const b = after('b', a);
  const c = after('c', a);
  const d = new Experiment({
    name: 'd',
    datasource: inputs({ b: madeBy(b), c: madeBy(c) }),
    pipeline: [
      pipelineStep({
        name: 's',
        run: ({ b: x, c: y }: { b: number; c: number }, ctx) => ctx.record('sum', x + y),
      })(),
    ],
  });
  const results = await new ExperimentGraph([d, c, b, a]).run();
  expect(runs).toBe(1);
  expect(results['d']?.baseline.metrics['sum']).toEqual([4, 6]);
});

test('cycles, unnamed experiments and two of one name are errors before anything runs', async () => {
  const holder: { info: Experiment['info']; plugins: readonly never[] } = {
    info: { name: 'b', id: '', directory: 'b', steps: [], outputs: [] },
    plugins: [],
  };
  const a = after('a', holder as never);
  const b = after('b', a);
  for (const run of [() => new ExperimentGraph([a, b]).run(), () => new ExperimentGraph([a, b]).validate()]) {
    const error = await rejection(run());
    expect(error).toBeInstanceOf(GraphInvalidError);
    expect((error as Error).message).toMatch(
      /'a' reads from 'b' reads from 'a'|'b' reads from 'a' reads from 'b'/,
    );
  }
  const unnamed = new Experiment({ datasource: replicateIndex(), pipeline: [make()] });
  expect(((await rejection(new ExperimentGraph([source('s'), unnamed]).run())) as Error).message).toMatch(
    /Experiment 1 .* no name/,
  );
  expect(
    ((await rejection(new ExperimentGraph([after('s', unnamed as never)]).run())) as Error).message,
  ).toMatch(/'s' reads from an experiment without a name/);
  expect(((await rejection(new ExperimentGraph([source('s'), source('s')]).run())) as Error).message).toMatch(
    /Two experiments .* 's'/,
  );
});

test('run() takes treatments by name wherever they are, and refuses a name that none has', async () => {
  const a = source('a', { treatments: [treatment('x', { add: 10 }), treatment('y', { add: 20 })] });
  const b = after('b', a, { treatments: [treatment('z', { add: 7 })] });
  const graph = new ExperimentGraph([a, b]);
  const results = await graph.run({ treatments: ['x', 'z'] });
  expect(Object.keys(results['a']?.treatments ?? {})).toEqual(['x']);
  expect(Object.keys(results['b']?.treatments ?? {}).sort()).toEqual(['x', 'z']);
  expect(((await rejection(graph.run({ treatments: ['nope'] }))) as Error).message).toMatch(
    /no experiment has a treatment 'nope'/,
  );
});

test('the count given to a graph is for its sources, the others take theirs from what they read', async () => {
  const a = source('a');
  const one = new Experiment({
    name: 'one',
    datasource: { ...madeBy(a), prepare: undefined, replicates: 1, fetch: () => 1 } as never,
    pipeline: [make()] as never,
  });
  const results = await new ExperimentGraph([a, after('b', a), one]).run({ replicates: 3 });
  expect(['a', 'b', 'one'].map((name) => results[name]?.replicates)).toEqual([3, 3, 1]);
});

test('aborting stops the whole graph and rejects with the reason', async () => {
  const controller = new AbortController();
  const a = source('a', {
    pipeline: [pipelineStep({ name: 's', run: () => controller.abort(new Error('stop')) })()],
  });
  const started: string[] = [];
  const watch = {
    name: 'watch',
    init: (run: { experiment: { directory: string } }) => void started.push(run.experiment.directory),
  };
  const b = after('b', a as never, { plugins: [watch] });
  expect(await rejection(new ExperimentGraph([a, b]).run({ signal: controller.signal }))).toMatchObject({
    message: 'stop',
  });
  expect(started).toEqual([]);
});

test('validate() tells what is wrong with an experiment of the graph', async () => {
  const graph = new ExperimentGraph([source('a', { replicates: 0 })]);
  expect(((await rejection(graph.validate())) as Error).message).toContain('replicates');
  await expect(new ExperimentGraph([source('a')]).validate()).resolves.toBeUndefined();
});

test('an experiment reads the last run in this process of one that keeps none, and says so when there is none', async () => {
  const a = source('a');
  const b = after('b', a);
  expect(await rejection(b.run())).toMatchObject({
    code: 'ARTIFACT_NOT_FOUND',
    message: expect.stringMatching(/'a' keeps no runs/),
  });
  await a.run();
  expect((await b.run()).baseline.metrics['made']).toEqual([2, 3]);
});
