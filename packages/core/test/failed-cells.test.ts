import { AsyncExecution, CellFailedError, Experiment, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, rejection, replicateIndex, score } from './support/experiments.ts';

const boom = new RangeError('boom');

const failOn = (...cells: readonly string[]) =>
  pipelineStep({
    name: 'check',
    run(data: number, ctx) {
      ctx.record('seen', data);
      if (cells.includes(`${ctx.replicate}/${ctx.condition}`)) throw boom;
      return data;
    },
  });

const failing = (...cells: readonly string[]) =>
  new Experiment({
    datasource: replicateIndex(),
    pipeline: [failOn(...cells)(), score()],
    treatments: { more: { k: 1 } },
    replicates: 3,
  });

test('a cell that throws is told with its replicate, condition, step and original error', async () => {
  const result = await failing('1/more').run();
  expect(result.status).toBe('failed');
  expect(result.errors).toHaveLength(1);
  const [error] = result.errors;
  expect(error).toBeInstanceOf(CellFailedError);
  expect(error).toMatchObject({ code: 'CELL_FAILED', replicate: 1, condition: 'more', step: 'check' });
  expect(error?.cause).toBe(boom);
  expect(error?.message).toContain('boom');
});

test('every other cell still runs', async () => {
  const result = await failing('1/more').run();
  expect(result.baseline.metrics['score']).toEqual([0, 10, 20]);
  expect(result.treatments.more.metrics['score']).toEqual([1, 21]);
  expect(result.executed).toBe(6);
});

test("a failed baseline's treatments run too", async () => {
  const result = await failing('0/baseline', '1/baseline', '2/baseline').run();
  expect(result.baseline.metrics).toEqual({});
  expect(result.treatments.more.metrics['score']).toEqual([1, 11, 21]);
  expect(result.errors.map((error) => error.replicate)).toEqual([0, 1, 2]);
});

test('a failed cell keeps what it recorded in its record, not among the metrics', async () => {
  const result = await failing('1/baseline').run();
  expect(result.baseline.metrics['seen']).toEqual([0, 2]);
  const cell = result.baseline.cells[1];
  expect(cell).toMatchObject({
    status: 'failed',
    failedStep: 'check',
    error: { name: 'RangeError', message: 'boom' },
  });
  expect(cell?.metrics).toMatchObject([{ metric: 'seen', value: 1, step: 'check' }]);
});

test('errors come by replicate, then condition, whatever the order in which they happened', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const experiment = experimentOf(
    async (replicate) => {
      // The last replicate fails first and lets the one before it fail.
      if (replicate < 2) await gates[replicate + 1]?.promise;
      gates[replicate]?.resolve();
      throw new Error(`no ${replicate}`);
    },
    { replicates: 3, plugins: [AsyncExecution()] },
  );
  const result = await experiment.run();
  expect(result.errors.map((error) => error.replicate)).toEqual([0, 1, 2]);
});

test('an error of the datasource names the datasource', async () => {
  const source = { fetch: () => Promise.reject(new Error('no file')) };
  const result = await new Experiment({ datasource: source, pipeline: [score()] as never }).run();
  expect(result.errors).toMatchObject([{ step: 'datasource', cause: { message: 'no file' } }]);
});

const hostile = Object.assign(new Error('x'), { message: { code: 5 } });

test.each([
  ['a text', 'just text', 'just text'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a bigint', 5n, '5'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['an object without a prototype', Object.create(null), '{}'],
  ['an error whose message is no text', hostile, '{"code":5}'],
])('%s can be thrown, and fails only its cell', async (_what, thrown, message) => {
  const experiment = experimentOf(
    (replicate) => {
      if (replicate === 0) throw thrown;
      return replicate;
    },
    { replicates: 2 },
  );
  const result = await experiment.run();
  expect(result.executed).toBe(2);
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]?.cause).toBe(thrown);
  expect(result.errors[0]?.message).toContain(message);
});

test('failFast stops at the first failed cell and rejects with its error', async () => {
  let ran = 0;
  const experiment = experimentOf(
    () => {
      ran++;
      if (ran === 2) throw boom;
    },
    { replicates: 5 },
  );
  const error = await rejection(experiment.run({ failFast: true }));
  expect(error).toBeInstanceOf(CellFailedError);
  expect(error).toMatchObject({ replicate: 1, cause: boom });
  expect(ran).toBe(2);
});

test('failFast rejects when the last cell fails, too', async () => {
  const experiment = experimentOf(() => {
    throw boom;
  });
  expect(await rejection(experiment.run({ failFast: true }))).toMatchObject({ cause: boom });
});

test('failFast lets cells in flight end before it rejects', async () => {
  const ended: number[] = [];
  const gate = Promise.withResolvers<void>();
  const experiment = experimentOf(
    async (replicate) => {
      if (replicate === 0) {
        setImmediate(() => gate.resolve());
        throw boom;
      }
      await gate.promise;
      ended.push(replicate);
    },
    { replicates: 2, plugins: [AsyncExecution({ concurrency: 2 })] },
  );
  await rejection(experiment.run({ failFast: true }));
  expect(ended).toEqual([1]);
});

test('an error with a field that throws when it is read fails its cell, and nothing else', async () => {
  const hostile = Object.defineProperty(new Error('boom'), 'field', {
    enumerable: true,
    get() {
      throw new Error('in the getter');
    },
  });
  const experiment = experimentOf(() => {
    throw hostile;
  });
  const { errors } = await experiment.run();
  expect(errors[0]?.cause).toBe(hostile);
});
