import {
  Artifact,
  datasource,
  Experiment,
  jsonCodec,
  pipelineStep,
  required,
  type Step,
  secret,
  withMetrics,
} from '@crystallize/core';
import { describe, expectTypeOf, test } from 'vitest';

const plain = pipelineStep({ name: 'plain', run: (data: number) => data });

describe('params', () => {
  const file = new Artifact('f', jsonCodec<number>());
  const fit = pipelineStep({
    name: 'fit',
    params: {
      k: 5,
      lang: 'en',
      flag: true,
      list: [1, 2],
      grid: [[1], [2, 3]],
      options: { depth: 3, mode: 'x' as 'x' | 'y', names: ['a'] },
      since: new Date(0),
      file,
      choice: 'a' as 'a' | 'b',
      model: required<{ readonly id: string }>(),
      key: secret('x'),
    },
    run(data: number, _ctx, params) {
      expectTypeOf(params.k).toEqualTypeOf<number>();
      expectTypeOf(params.lang).toEqualTypeOf<string>();
      expectTypeOf(params.flag).toEqualTypeOf<boolean>();
      expectTypeOf(params.choice).toEqualTypeOf<'a' | 'b'>();
      expectTypeOf(params.model).toEqualTypeOf<{ readonly id: string }>();
      expectTypeOf(params.list).toEqualTypeOf<readonly number[]>();
      expectTypeOf(params.grid).toExtend<readonly (readonly number[])[]>();
      expectTypeOf(params.options).toEqualTypeOf<{
        readonly depth: number;
        readonly mode: 'x' | 'y';
        readonly names: readonly string[];
      }>();
      expectTypeOf(params.since).toEqualTypeOf<Date>();
      expectTypeOf(params.file).toEqualTypeOf<Artifact<number, 'f'>>();
      expectTypeOf(params.key).toEqualTypeOf<string>();
      // @ts-expect-error params can't be set
      params.k = 6;
      return data;
    },
  });

  test('a factory takes any of them, with a value or a secret of its type', () => {
    fit();
    fit({ k: 7, lang: 'de', flag: false, choice: 'b', model: { id: 'm' } });
    fit({ key: secret('y'), lang: secret('fr') });
    fit({}, { name: 'other' });
    fit({
      list: [3],
      grid: [],
      options: { depth: 1, mode: 'y', names: ['b', 'c'] },
      since: new Date(),
      file,
    });
    // @ts-expect-error texts are no numbers
    fit({ list: ['3'] });
    // @ts-expect-error there is no such mode
    fit({ options: { depth: 1, mode: 'z', names: [] } });
    // @ts-expect-error a text is no number
    fit({ k: '7' });
    // @ts-expect-error there is no such choice
    fit({ choice: 'c' });
    // @ts-expect-error a secret of the wrong type
    fit({ k: secret('7') });
  });

  test('an unknown param does not compile', () => {
    // @ts-expect-error unknown
    fit({ kk: 7 });
    // @ts-expect-error unknown, beside one that is known
    fit({ k: 7, kk: 7 });
    // @ts-expect-error the step has no params at all
    plain({ k: 1 });
  });

  test('those given to the factory are no longer open', () => {
    expectTypeOf(
      pipelineStep({ name: 's', params: { a: 1, b: 'x' }, run: (n: number) => n })({ a: 2 }),
    ).toEqualTypeOf<Step<number, number, { b: string }>>();
  });
});

describe('what a step returns', () => {
  test('withMetrics passes its data on, also from a promise or beside plain data', () => {
    const measured = pipelineStep({ name: 'm', run: (n: number) => withMetrics({ n }, { n }) });
    const later = pipelineStep({
      name: 'l',
      run: async (data: { n: number }) => withMetrics(String(data.n), { a: 1 }),
    });
    const either = pipelineStep({
      name: 'e',
      run: (data: string) => (data ? withMetrics(data, { a: 1 }) : 'none'),
    });
    const experiment = new Experiment({
      datasource: datasource(() => 1),
      pipeline: [measured(), later(), either()],
    });
    expectTypeOf(experiment.apply()).resolves.toEqualTypeOf<string>();
  });

  test('setup gives run its resource, typed', () => {
    pipelineStep({
      name: 'r',
      setup: async () => ({ socket: 1 }),
      teardown(resource) {
        expectTypeOf(resource).toEqualTypeOf<{ socket: number }>();
      },
      run(data: number, _ctx, _params, resource) {
        expectTypeOf(resource).toEqualTypeOf<{ socket: number }>();
        return data;
      },
    });
  });
});
