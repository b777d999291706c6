import {
  type AnyExperiment,
  Artifact,
  type Datasource,
  type DatasourceContext,
  datasource,
  Experiment,
  ExperimentGraph,
  grid,
  inputs,
  jsonCodec,
  pipelineStep,
  type Result,
  required,
  treatment,
} from '@crystallize/core';
import { describe, expectTypeOf, test } from 'vitest';

const source = datasource((ctx, { size }) => size + ctx.replicate, { size: 10 });
const fit = pipelineStep({
  name: 'fit',
  params: { k: 5, lr: 0.1 },
  run: (data: number, _ctx, { k }) => data + k,
});
const check = pipelineStep({
  name: 'check',
  params: { level: required<'low' | 'high'>() },
  run: (data: number) => data,
});
const model = new Artifact('model.json', jsonCodec<{ readonly id: number }>());
const table = new Artifact('table.json', jsonCodec<{ readonly id: number }>());

describe('treatments in object form', () => {
  test('take the open params of the steps and of the datasource', () => {
    new Experiment({
      datasource: source,
      pipeline: [fit(), check()],
      treatments: { a: { k: 1, lr: 1, size: 5 }, b: { level: 'high' }, c: {} },
    });
  });

  test('refuse unknown keys and values of another type', () => {
    // @ts-expect-error no such param
    new Experiment({ datasource: source, pipeline: [fit()], treatments: { a: { kk: 1 } } });
    // @ts-expect-error a text is no number
    new Experiment({ datasource: source, pipeline: [fit()], treatments: { a: { k: '1' } } });
    // @ts-expect-error there is no such level
    new Experiment({ datasource: source, pipeline: [check()], treatments: { a: { level: 'middle' } } });
    // @ts-expect-error one that is right does not excuse another
    new Experiment({ datasource: source, pipeline: [fit()], treatments: { a: { k: 1 }, b: { kk: 1 } } });
  });

  test('refuse a param that every step declaring it has fixed', () => {
    // @ts-expect-error k is fixed
    new Experiment({ datasource: source, pipeline: [fit({ k: 3 })], treatments: { a: { k: 1 } } });
    new Experiment({ datasource: source, pipeline: [fit({ k: 3 })], treatments: { a: { lr: 1 } } });
    new Experiment({
      datasource: source,
      pipeline: [fit({ k: 3 }), fit({}, { name: 'again' })],
      treatments: { a: { k: 1 } },
    });
  });
});

describe('names of treatments', () => {
  const both = new Experiment({
    datasource: source,
    pipeline: [fit()],
    treatments: { a: { k: 1 }, b: { k: 2 } },
  });
  const listed = new Experiment({
    datasource: source,
    pipeline: [fit()],
    treatments: [treatment('x', { k: 1 }), treatment('y', (ctx) => ctx.add('k', 1))],
  });

  test('stand in the result', async () => {
    const result = await both.run();
    expectTypeOf(result.treatments).toHaveProperty('a');
    // @ts-expect-error no such treatment
    result.treatments.c;
    const other = await listed.run();
    expectTypeOf(other.treatments).toHaveProperty('x');
    // @ts-expect-error no such treatment
    other.treatments.a;
  });

  test('are what run, debug and apply take', () => {
    void both.run({ treatments: ['a', treatment('other', { k: 3 })] });
    void both.apply('a');
    void both.debug('b');
    // @ts-expect-error no such treatment
    void both.run({ treatments: ['c'] });
    // @ts-expect-error no such treatment
    void both.apply('c');
    // @ts-expect-error no such treatment
    void both.debug('c');
  });

  test('of a grid are any string', async () => {
    const sweep = new Experiment({
      datasource: source,
      pipeline: [fit()],
      treatments: grid({ k: [1, 5], lr: [0.1] }),
    });
    expectTypeOf(await sweep.run()).toEqualTypeOf<Result<string>>();
    void sweep.run({ treatments: ['k=1,lr=0.1'] });
  });

  test('of a stream are those of its result', () => {
    expectTypeOf(both.stream().result).resolves.toEqualTypeOf<Result<'a' | 'b'>>();
  });
});

describe('artifacts', () => {
  test('two of one type are told apart by their names', () => {
    expectTypeOf(model.name).toEqualTypeOf<'model.json'>();
    expectTypeOf<typeof model>().not.toMatchTypeOf<typeof table>();
    const experiment = new Experiment({ datasource: source, pipeline: [fit()], outputs: [model] });
    expectTypeOf(experiment.outputs[0].name).toEqualTypeOf<'model.json'>();
  });

  test('a result loads what the artifact holds', async () => {
    const result = await new Experiment({
      datasource: source,
      pipeline: [fit()],
      outputs: [model, table],
    }).run();
    expectTypeOf(result.artifact(model)?.load()).toEqualTypeOf<
      Promise<{ readonly id: number }> | undefined
    >();
    expectTypeOf(result.artifact('model.json')?.load()).toEqualTypeOf<Promise<unknown> | undefined>();
    expectTypeOf(new Artifact('raw')).toEqualTypeOf<Artifact<Uint8Array | string, 'raw'>>();
  });

  test('only its own values are written to one', () => {
    expectTypeOf(model.write).parameter(0).toEqualTypeOf<{ readonly id: number }>();
    // @ts-expect-error another type
    void model.write({ id: 'x' });
  });
});

describe('datasources', () => {
  const size = pipelineStep({ name: 'size', run: (data: { readonly size: number }) => data.size });

  test('in object form may have as little as fetch, or all of it', () => {
    new Experiment({ datasource: { fetch: () => ({ size: 1 }) }, pipeline: [size()] });
    new Experiment({
      datasource: { fetch: async (ctx: DatasourceContext) => ({ size: ctx.replicate }) },
      pipeline: [size()],
    });
    class Rows implements Datasource<{ size: number }, { limit: number }, string[]> {
      readonly params = { limit: 5 };
      readonly replicates = 3;
      prepare() {
        return { data: ['a'], replicates: 3 };
      }
      fetch(_ctx: DatasourceContext, params: { readonly limit: number }, prepared: string[]) {
        return { size: params.limit + prepared.length };
      }
      fingerprint() {
        return 'rows';
      }
    }
    new Experiment({ datasource: new Rows(), pipeline: [size()], treatments: { few: { limit: 1 } } });
    // @ts-expect-error no such param
    new Experiment({ datasource: new Rows(), pipeline: [size()], treatments: { few: { k: 1 } } });
    // @ts-expect-error it yields no size
    new Experiment({ datasource: { fetch: () => 5 }, pipeline: [size()] });
  });

  test('have params with types of their own', () => {
    datasource(
      (_ctx, params) => {
        expectTypeOf(params.n).toEqualTypeOf<number>();
        expectTypeOf(params.file).toEqualTypeOf<string>();
      },
      { n: 1, file: required<string>() },
    );
  });

  test('bundled by inputs yield an object of what each yields, and take the params of all', () => {
    const bundle = inputs({ one: source, two: datasource(async () => 'text') });
    const use = pipelineStep({
      name: 'use',
      run(data: { readonly one: number; readonly two: string }) {
        return data.one;
      },
    });
    new Experiment({ datasource: bundle, pipeline: [use()], treatments: { large: { size: 100 } } });
    // @ts-expect-error no such param
    new Experiment({ datasource: bundle, pipeline: [use()], treatments: { large: { k: 100 } } });
    // @ts-expect-error the bundle is no number
    new Experiment({ datasource: bundle, pipeline: [fit()] });
  });
});

describe('any experiment', () => {
  test('is an AnyExperiment, and goes into a graph, whatever its parameters', () => {
    const plain = new Experiment({ name: 'a', datasource: source, pipeline: [fit()] });
    const full = new Experiment({
      name: 'b',
      datasource: { fetch: () => 1 },
      pipeline: [fit(), check()],
      treatments: { a: { k: 1 } },
      outputs: [model],
    });
    const listed = new Experiment({
      name: 'c',
      datasource: source,
      pipeline: [fit()],
      treatments: [treatment('x', {})],
      outputs: [model, table],
    });
    const dynamic = new Experiment({
      name: 'd',
      datasource: source,
      pipeline: [fit()] as ReturnType<typeof fit>[],
      treatments: grid({ k: [1] }),
    });
    expectTypeOf(plain).toExtend<AnyExperiment>();
    expectTypeOf(full).toExtend<AnyExperiment>();
    expectTypeOf(listed).toExtend<AnyExperiment>();
    expectTypeOf(dynamic).toExtend<AnyExperiment>();
    const list: AnyExperiment[] = [plain, full, listed, dynamic];
    expectTypeOf(new ExperimentGraph(list).run()).resolves.toEqualTypeOf<Record<string, Result>>();
    new ExperimentGraph([plain, full, listed, dynamic]);
  });

  test('is an Experiment without parameters, where one is asked for', () => {
    const plain = new Experiment({
      name: 'a',
      datasource: source,
      pipeline: [fit()],
      treatments: { a: { k: 1 } },
      outputs: [model],
    });
    const take = (experiment: AnyExperiment) => experiment.id;
    take(plain);
  });
});
