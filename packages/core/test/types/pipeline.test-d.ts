import {
  datasource,
  Experiment,
  Pipeline,
  PipelineStep,
  pipelineStep,
  type StepContext,
  withMetrics,
} from '@crystallize/core';
import { describe, expectTypeOf, test } from 'vitest';

interface Row {
  readonly x: number;
}

const rows = datasource((ctx) => [{ x: ctx.replicate }] as Row[]);
const sum = pipelineStep({
  name: 'sum',
  run: (data: Row[]) => data.reduce((total, row) => total + row.x, 0),
});
const text = pipelineStep({ name: 'text', run: async (data: number) => `${data}` });
const length = pipelineStep({ name: 'length', run: (data: string) => data.length });

describe('inference from step to step', () => {
  test('steps that fit compile, and the last one is what apply() returns', () => {
    const experiment = new Experiment({ datasource: rows, pipeline: [sum(), text()] });
    expectTypeOf(experiment.apply()).resolves.toEqualTypeOf<string>();
    expectTypeOf(
      new Experiment({ datasource: rows, pipeline: [sum()] }).apply(),
    ).resolves.toEqualTypeOf<number>();
  });

  test('a shared Pipeline fits the same way', () => {
    const pipeline = new Pipeline([sum(), text(), length()]);
    const experiment = new Experiment({ datasource: rows, pipeline });
    expectTypeOf(experiment.apply()).resolves.toEqualTypeOf<number>();
  });

  test('an asynchronous datasource yields what its promise does', () => {
    const source = datasource(async () => [{ x: 1 }] as Row[]);
    expectTypeOf(
      new Experiment({ datasource: source, pipeline: [sum()] }).apply(),
    ).resolves.toEqualTypeOf<number>();
  });

  test('a step that takes less than it is given fits', () => {
    const narrow = pipelineStep({
      name: 'narrow',
      run: (data: readonly { readonly x: number }[]) => data.length,
    });
    const anything = pipelineStep({ name: 'anything', run: (data: unknown) => data });
    new Experiment({ datasource: rows, pipeline: [narrow(), anything()] });
  });
});

describe('a mismatch does not compile', () => {
  test('between the datasource and the first step', () => {
    // @ts-expect-error rows are no string
    new Experiment({ datasource: rows, pipeline: [length()] });
  });

  test('between two steps, and it is shown on the step that does not fit', () => {
    new Experiment({
      datasource: rows,
      pipeline: [
        sum(),
        // @ts-expect-error a number is no string
        length(),
      ],
    });
  });

  test('after a step that fits', () => {
    new Experiment({
      datasource: rows,
      pipeline: [
        sum(),
        text(),
        // @ts-expect-error a string is no list of rows
        sum({}, { name: 'again' }),
        text({}, { name: 'later' }),
      ],
    });
  });

  test('in a shared Pipeline', () => {
    const wrong = new Pipeline([text(), sum()]);
    // @ts-expect-error its steps do not fit
    new Experiment({ datasource: datasource(() => 1), pipeline: wrong });
    const elsewhere = new Pipeline([length()]);
    // @ts-expect-error it does not fit the datasource
    new Experiment({ datasource: rows, pipeline: elsewhere });
  });
});

describe('steps as classes', () => {
  class Scale extends PipelineStep<number, string> {
    readonly factor: number;
    constructor(factor: number) {
      super();
      this.factor = factor;
    }
    override get params() {
      return { factor: this.factor };
    }
    async run(data: number, ctx: StepContext) {
      expectTypeOf(ctx.rng.next()).toEqualTypeOf<number>();
      return `${data * this.factor}`;
    }
  }

  class Measured extends PipelineStep<string, number> {
    run(data: string) {
      return withMetrics(data.length, { length: data.length });
    }
  }

  test('they fit like any other', () => {
    const experiment = new Experiment({ datasource: rows, pipeline: [sum(), new Scale(2), new Measured()] });
    expectTypeOf(experiment.apply()).resolves.toEqualTypeOf<number>();
    new Experiment({
      datasource: rows,
      pipeline: [
        // @ts-expect-error rows are no number
        new Scale(2),
        length(),
      ],
    });
  });

  test('one whose run does not return its output type does not compile', () => {
    class Wrong extends PipelineStep<number, string> {
      // @ts-expect-error a number is no string
      run(data: number) {
        return data;
      }
    }
    new Wrong();
  });
});

describe('pipelines of any shape', () => {
  test('fifty steps check, and a mismatch among them is found', () => {
    const n = (name: string) => pipelineStep({ name, params: { k: 1 }, run: (data: number) => data })();
    const experiment = new Experiment({
      datasource: datasource(() => 1),
      pipeline: [
        n('0'),
        n('1'),
        n('2'),
        n('3'),
        n('4'),
        n('5'),
        n('6'),
        n('7'),
        n('8'),
        n('9'),
        n('10'),
        n('11'),
        n('12'),
        n('13'),
        n('14'),
        n('15'),
        n('16'),
        n('17'),
        n('18'),
        n('19'),
        n('20'),
        n('21'),
        n('22'),
        n('23'),
        n('24'),
        n('25'),
        n('26'),
        n('27'),
        n('28'),
        n('29'),
        n('30'),
        n('31'),
        n('32'),
        n('33'),
        n('34'),
        n('35'),
        n('36'),
        n('37'),
        n('38'),
        n('39'),
        n('40'),
        n('41'),
        n('42'),
        n('43'),
        n('44'),
        n('45'),
        n('46'),
        n('47'),
        n('48'),
        text(),
      ],
      treatments: { more: { k: 2 } },
    });
    expectTypeOf(experiment.apply()).resolves.toEqualTypeOf<string>();
    new Experiment({
      datasource: datasource(() => 1),
      pipeline: [
        n('0'),
        n('1'),
        n('2'),
        n('3'),
        n('4'),
        n('5'),
        n('6'),
        n('7'),
        n('8'),
        n('9'),
        n('10'),
        n('11'),
        n('12'),
        n('13'),
        n('14'),
        n('15'),
        n('16'),
        n('17'),
        n('18'),
        text(),
        // @ts-expect-error a string is no number
        n('20'),
        n('21'),
        n('22'),
        n('23'),
        n('24'),
        n('25'),
        n('26'),
        n('27'),
        n('28'),
        n('29'),
      ],
    });
  });

  test('a step that is there only sometimes compiles', () => {
    const flag = Math.random() > 0.5;
    const half = pipelineStep({
      name: 'half',
      params: { by: 2 },
      run: (data: number, _ctx, { by }) => data / by,
    });
    const experiment = new Experiment({
      datasource: rows,
      pipeline: [sum(), ...(flag ? [half()] : []), text()],
    });
    expectTypeOf(experiment.apply()).resolves.toEqualTypeOf<string>();
    new Experiment({
      datasource: datasource(() => 1),
      pipeline: [...(flag ? [half()] : []), text()],
      treatments: { more: { by: 4 } },
    });
  });

  test('a list of steps of unknown length compiles, and its output is unknown', () => {
    const steps = Array.from({ length: 3 }, (_, index) =>
      pipelineStep({ name: `s${index}`, run: (data: number) => data })(),
    );
    const experiment = new Experiment({ datasource: datasource(() => 1), pipeline: steps });
    expectTypeOf(experiment.run).toBeFunction();
  });
});
