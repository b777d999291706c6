import {
  AsyncExecution,
  Experiment,
  InvalidArgumentError,
  Pipeline,
  PipelineStep,
  pipelineStep,
  type StepContext,
  withMetrics,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { rejection, replicateIndex, score } from './support/experiments.ts';

test('two steps of one name are refused, and a name of its own mends it', async () => {
  const twice = new Experiment({ datasource: replicateIndex(), pipeline: [score(), score()] });
  expect(((await rejection(twice.validate())) as Error).message).toContain("two steps are named 'score'");
  const named = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score({ k: 3 }, { name: 'first' }), score()],
  });
  expect(named.info.steps).toEqual(['first', 'score']);
  const result = await named.run();
  expect(result.baseline.cells[0]?.metrics.map((metric) => metric.step)).toEqual(['first', 'score']);
});

test('a factory tells the name of its steps', () => {
  expect(score.stepName).toBe('score');
});

test('each step gets what the one before it returned, also asynchronously', async () => {
  const add = pipelineStep({ name: 'add', run: async (n: number) => n + 1 });
  const double = pipelineStep({ name: 'double', run: (n: number) => n * 2 });
  const pipeline = new Pipeline([add(), double(), add({}, { name: 'again' })]);
  const experiment = new Experiment({ datasource: replicateIndex(), pipeline, replicates: 3 });
  expect(await experiment.apply(undefined, { data: 20 })).toBe(43);
});

test('a pipeline keeps its steps when the list it was made of changes', () => {
  const steps = [score()];
  const pipeline = new Pipeline(steps);
  steps.push(score());
  expect(pipeline.steps).toHaveLength(1);
});

test('withMetrics records the metrics with their tags and passes the data on', async () => {
  const measure = pipelineStep({
    name: 'measure',
    run: (n: number) => withMetrics(n + 1, { n, half: n / 2 }, { unit: 's' }),
  });
  const later = pipelineStep({ name: 'later', run: async (n: number) => withMetrics([n], { list: [n] }) });
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [measure(), later()],
    replicates: 2,
  });
  const result = await experiment.run();
  expect(result.baseline.metrics).toEqual({ n: [0, 1], half: [0, 0.5], list: [[1], [2]] });
  expect(result.baseline.cells[1]?.metrics[0]).toEqual({
    metric: 'n',
    value: 1,
    step: 'measure',
    tags: { unit: 's' },
  });
  expect(await experiment.apply()).toEqual([1]);
});

test('a metric may be recorded several times in one cell, and keeps its order', async () => {
  const losses = pipelineStep({
    name: 'losses',
    run(data: number, ctx) {
      for (const epoch of [1, 2]) ctx.record('loss', data + epoch / 10, { epoch });
    },
  });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [losses()],
    replicates: 2,
  }).run();
  expect(result.baseline.metrics['loss']).toEqual([0.1, 0.2, 1.1, 1.2]);
  expect(result.baseline.cells[1]?.metrics.map((metric) => metric.tags)).toEqual([
    { epoch: 1 },
    { epoch: 2 },
  ]);
});

test('a metric without a name is an error of its cell', async () => {
  const nameless = pipelineStep({ name: 'nameless', run: (_data: number, ctx) => ctx.record('', 1) });
  const result = await new Experiment({ datasource: replicateIndex(), pipeline: [nameless()] }).run();
  expect(result.errors[0]?.cause).toBeInstanceOf(InvalidArgumentError);
});

/** A step with a resource, and what happened to it. */
function withResource(fail: 'run' | 'setup' | 'teardown' | 'nothing' = 'nothing') {
  const calls: string[] = [];
  const step = pipelineStep({
    name: 'model',
    async setup(ctx) {
      calls.push(`setup ${ctx.get<string>('path')} ${ctx.has('other')} ${ctx.seed}`);
      if (fail === 'setup') throw new Error('no model');
      return { id: 7 };
    },
    teardown(resource) {
      calls.push(`teardown ${resource.id}`);
      if (fail === 'teardown') throw new Error('stuck');
    },
    run(data: number, _ctx, _params, resource) {
      calls.push(`run ${resource.id}`);
      if (fail === 'run') throw new Error('no');
      return data;
    },
  });
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [step()],
    treatments: { other: { unused: 1 } } as never,
    replicates: 2,
    seed: 3,
    initialContext: { path: 'm.bin' },
    plugins: [AsyncExecution({ concurrency: 3 })],
  });
  return { experiment, calls };
}

const once = ['setup m.bin false 3', 'run 7', 'run 7', 'run 7', 'run 7', 'teardown 7'];

test("setup runs once per run, its value is run's fourth argument and teardown's", async () => {
  const { experiment, calls } = withResource();
  await experiment.run();
  expect(calls).toEqual(once);
  await experiment.run();
  expect(calls).toEqual([...once, ...once]);
});

test('teardown runs after errors, and when the run is stopped', async () => {
  const { experiment, calls } = withResource('run');
  await experiment.run();
  expect(calls.at(-1)).toBe('teardown 7');
  await rejection(experiment.run({ failFast: true }));
  expect(calls.at(-1)).toBe('teardown 7');
});

test('a setup that fails fails the cells and is not torn down', async () => {
  const { experiment, calls } = withResource('setup');
  const result = await experiment.run();
  expect(result.errors).toHaveLength(4);
  expect(result.errors[0]).toMatchObject({ step: 'model', cause: { message: 'no model' } });
  expect(calls).toEqual(['setup m.bin false 3']);
});

test('a teardown that fails is a warning', async () => {
  const { experiment } = withResource('teardown');
  const result = await experiment.run();
  expect(result.status).toBe('done');
  expect(result.warnings.join()).toContain("The teardown of step 'model' failed: stuck");
});

test('resources are torn down in the reverse order of their setup', async () => {
  const calls: string[] = [];
  const step = (name: string) =>
    pipelineStep({
      name,
      setup: () => name,
      teardown: (own) => void calls.push(own),
      run: (data: number) => data,
    })();
  await new Experiment({ datasource: replicateIndex(), pipeline: [step('a'), step('b')] }).run();
  expect(calls).toEqual(['b', 'a']);
});

class Scale extends PipelineStep<number, number> {
  readonly calls: string[] = [];
  readonly factor: number;
  constructor(factor: number) {
    super();
    this.factor = factor;
  }
  override get params() {
    return { factor: this.factor };
  }
  override setup() {
    this.calls.push('setup');
    return 'resource';
  }
  override teardown(resource: unknown) {
    this.calls.push(`teardown ${String(resource)}`);
  }
  async run(data: number, ctx: StepContext, params: Readonly<Record<string, unknown>>, resource: unknown) {
    this.calls.push(`run ${String(params['factor'])} ${String(resource)}`);
    ctx.record('scaled', data * this.factor);
    return withMetrics(data * this.factor, { factor: this.factor });
  }
}

class Renamed extends Scale {
  override get name() {
    return 'renamed';
  }
}

test('a class is a step: named after the class unless it says otherwise, its params part of the id', async () => {
  const scale = new Scale(3);
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [scale, new Renamed(2)],
    replicates: 2,
  });
  const result = await experiment.run();
  expect(experiment.info.steps).toEqual(['Scale', 'renamed']);
  expect(result.baseline.metrics).toEqual({ scaled: [0, 0, 3, 6], factor: [3, 2, 3, 2] });
  expect(scale.calls).toEqual(['setup', 'run 3 resource', 'run 3 resource', 'teardown resource']);
  expect(await experiment.apply(undefined, { data: 1 })).toBe(6);
  const other = new Experiment({ datasource: replicateIndex(), pipeline: [new Scale(4), new Renamed(2)] });
  expect(other.id).not.toBe(experiment.id);
});

test("a class's params are refused in treatments, as fixed ones are", async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [new Scale(3)],
    treatments: { a: { factor: 1 } } as never,
  });
  expect(((await rejection(experiment.validate())) as Error).message).toContain("fixed in 'Scale'");
});
