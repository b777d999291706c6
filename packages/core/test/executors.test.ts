import {
  type CellRecord,
  type CellSpec,
  CellTimeoutError,
  Experiment,
  type Plugin,
  recordError,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, rejection, replicateIndex, score } from './support/experiments.ts';

const executor = (name: string, execute: NonNullable<Plugin['execute']>): Plugin => ({ name, execute });

/** What a cell that ran elsewhere reports. */
const recordOf = (cell: CellSpec, more: Partial<CellRecord> = {}): CellRecord => ({
  ...cell,
  status: 'done',
  metrics: [{ metric: 'm', value: cell.replicate + 0.5, step: 'work' }],
  artifacts: [],
  steps: [],
  inputs: [],
  startedAt: 1,
  duration: 2,
  attempts: 1,
  ...more,
});

test('the last plugin with execute runs the cells', async () => {
  const used: string[] = [];
  const make = (name: string) =>
    executor(name, async (_run, work) => {
      used.push(name);
      for (const cell of work.cells) await work.run(cell);
    });
  await experimentOf(() => 1, { plugins: [make('first'), make('second'), { name: 'other' }] }).run();
  expect(used).toEqual(['second']);
});

test('an executor is told how many cells there are, and gets them replicate by replicate', async () => {
  const seen: unknown[] = [];
  const plugin = executor('p', async (_run, work) => {
    const cells = [...work.cells];
    seen.push(work.count, ...cells.map((cell) => [cell.replicate, cell.condition, cell.seed]));
    await Promise.all(cells.map((cell) => work.run(cell)));
  });
  await new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: { t: { k: 1 } },
    replicates: 2,
    seed: 0,
    plugins: [plugin],
  }).run();
  expect(seen).toEqual([4, [0, 'baseline', 0], [0, 't', 0], [1, 'baseline', 31337], [1, 't', 31337]]);
});

test('an executor that leaves cells out is an error that says how many', async () => {
  const plugin = executor('lazy', async (_run, work) => {
    for (const cell of work.cells) {
      await work.run(cell);
      break;
    }
  });
  const error = await rejection(experimentOf(() => 1, { replicates: 3, plugins: [plugin] }).run());
  expect(error).toMatchObject({
    code: 'PLUGIN_FAILED',
    plugin: 'lazy',
    message: expect.stringContaining('1 of 3 cells'),
  });
});

test('a record that was reported counts as if the cell had run here', async () => {
  const committed: CellRecord[] = [];
  const keeper: Plugin = { name: 'keeper', commitCell: async (_run, record) => void committed.push(record) };
  const plugin = executor('remote', async (_run, work) => {
    for (const cell of work.cells) await work.report(recordOf(cell));
  });
  let ran = 0;
  const result = await experimentOf(() => ran++, { replicates: 2, plugins: [plugin, keeper] }).run();
  expect(ran).toBe(0);
  expect(result).toMatchObject({ status: 'done', executed: 2 });
  expect(result.baseline.metrics['m']).toEqual([0.5, 1.5]);
  expect(committed.map((record) => record.replicate)).toEqual([0, 1]);
});

test('an error that was reported comes back with its name, code, cause and fields, and is known by its class', async () => {
  const thrown = Object.assign(new CellTimeoutError(5), {
    cause: Object.assign(new RangeError('inner'), { code: 'EINNER' }),
  });
  const plugin = executor('remote', async (_run, work) => {
    for (const cell of work.cells)
      await work.report(recordOf(cell, { status: 'failed', error: recordError(thrown), failedStep: 'work' }));
  });
  const { errors } = await experimentOf(() => 1, { plugins: [plugin] }).run();
  expect(errors).toMatchObject([
    { step: 'work', cause: { name: 'CellTimeoutError', code: 'CELL_TIMEOUT', timeout: 5 } },
  ]);
  const [cause] = errors.map((error) => error.cause as Error);
  expect(cause).toBeInstanceOf(CellTimeoutError);
  expect(cause?.stack).toBe(thrown.stack);
  expect(cause?.cause).toMatchObject({ name: 'RangeError', message: 'inner', code: 'EINNER' });
});

test.each([
  [
    'with a plugin that commits',
    [{ name: 'keeper', commitCell: () => new Promise<void>((resolve) => setImmediate(resolve)) }],
  ],
  ['without one', []],
])('a second record of a cell is dropped, %s', async (_how, plugins) => {
  const { events, onEvent } = recorder();
  const plugin = executor('twice', async (_run, work) => {
    for (const cell of work.cells) {
      await Promise.all([
        work.report(recordOf(cell)),
        work.report(recordOf(cell, { metrics: [] })),
        work.run(cell),
      ]);
      await work.report(recordOf(cell, { metrics: [] }));
    }
  });
  const result = await experimentOf(() => 1, { replicates: 2, plugins: [plugin, ...plugins] }).run({
    onEvent,
  });
  expect(result.executed).toBe(2);
  expect(result.baseline.metrics['m']).toEqual([0.5, 1.5]);
  expect(events.filter((event) => event.type === 'cell:end').map((event) => event.ended)).toEqual([1, 2]);
});

test.each([
  ['of a condition that is not of this run', { condition: 'nope' }],
  ['of a replicate that was not asked for', { replicate: 7 }],
  ['of a replicate that is none', { replicate: -1 }],
])('a record %s is an error', async (_what, wrong) => {
  const plugin = executor('wrong', async (_run, work) => {
    for (const cell of work.cells) await work.report(recordOf({ ...cell, ...wrong }));
  });
  const error = await rejection(experimentOf(() => 1, { plugins: [plugin] }).run());
  expect(error).toMatchObject({
    code: 'PLUGIN_FAILED',
    plugin: 'wrong',
    message: expect.stringMatching(/no cell of this run/),
  });
});

test.each([
  ['of a condition that is not of this run', { condition: 'nope' }],
  ['of a replicate that was not asked for', { replicate: 7 }],
  ['of a replicate that is none', { replicate: 0.5 }],
])('to run a cell %s is an error, and nothing runs', async (_what, wrong) => {
  let ran = 0;
  const plugin = executor('wrong', async (_run, work) => {
    for (const cell of work.cells) await work.run({ ...cell, ...wrong });
  });
  const error = await rejection(experimentOf(() => ran++, { plugins: [plugin] }).run());
  expect(error).toMatchObject({
    code: 'PLUGIN_FAILED',
    plugin: 'wrong',
    message: expect.stringMatching(/it asked to run replicate .* no cell of this run/),
    cause: expect.any(RangeError),
  });
  expect(ran).toBe(0);
});

test('a cell never makes its executor fail', async () => {
  const outcomes: unknown[] = [];
  const plugin = executor('p', async (_run, work) => {
    for (const cell of work.cells)
      outcomes.push(
        await work.run(cell).then(
          () => 'resolved',
          () => 'rejected',
        ),
      );
  });
  await experimentOf(
    () => {
      throw new Error('no');
    },
    { replicates: 2, plugins: [plugin] },
  ).run();
  expect(outcomes).toEqual(['resolved', 'resolved']);
});

test('after an abort an executor is given no further cells', async () => {
  const controller = new AbortController();
  let given = 0;
  const plugin = executor('p', async (_run, work) => {
    for (const _cell of work.cells) if (++given === 2) controller.abort(new Error('stop'));
  });
  await rejection(
    experimentOf(() => 1, { replicates: 9, plugins: [plugin] }).run({ signal: controller.signal }),
  );
  expect(given).toBe(2);
});
