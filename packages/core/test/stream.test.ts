import { AsyncExecution, type CellRecord, Experiment, type Plugin } from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, rejection, replicateIndex, score } from './support/experiments.ts';

test('stream() yields each cell as it is done, and then the result', async () => {
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: { t: { k: 1 } },
    replicates: 2,
  });
  const stream = experiment.stream();
  const cells: string[] = [];
  for await (const cell of stream) cells.push(`${cell.replicate}${cell.condition}`);
  expect(cells).toEqual(['0baseline', '0t', '1baseline', '1t']);
  expect((await stream.result).treatments.t.metrics['score']).toEqual([1, 11]);
});

test('a cell is yielded while later ones have yet to run', async () => {
  const seen = Promise.withResolvers<void>();
  const experiment = experimentOf(
    async (replicate) => {
      if (replicate === 1) await seen.promise;
    },
    { replicates: 2 },
  );
  for await (const cell of experiment.stream()) if (cell.replicate === 0) seen.resolve();
});

test('a cell is yielded only after it is committed', async () => {
  const committed = new Set<number>();
  const plugin: Plugin = {
    name: 'slow-commit',
    async commitCell(_run, record) {
      await new Promise(setImmediate);
      committed.add(record.replicate);
    },
  };
  const before: boolean[] = [];
  for await (const cell of experimentOf(() => 1, { replicates: 3, plugins: [plugin] }).stream())
    before.push(committed.has(cell.replicate));
  expect(before).toEqual([true, true, true]);
});

test('leaving the loop stops the run', async () => {
  let ran = 0;
  const stream = experimentOf(
    async () => {
      ran++;
      await new Promise(setImmediate);
    },
    { replicates: 1000 },
  ).stream();
  for await (const cell of stream) if (cell.replicate === 2) break;
  expect(await rejection(stream.result)).toMatchObject({ name: 'AbortError' });
  expect(ran).toBeLessThan(10);
});

test('a run that fails ends the loop with its error, also when nobody waits for the result', async () => {
  const stream = experimentOf(() => {
    throw new Error('no');
  }).stream({ failFast: true });
  const cells: CellRecord[] = [];
  const error = await rejection(
    (async () => {
      for await (const cell of stream) cells.push(cell);
    })(),
  );
  expect(error).toMatchObject({ code: 'CELL_FAILED' });
  expect(cells).toHaveLength(1);
});

test('what is wrong with the experiment ends the loop too', async () => {
  const stream = new Experiment({ datasource: replicateIndex(), pipeline: [] as never }).stream();
  expect(await rejection(Array.fromAsync(stream))).toMatchObject({ code: 'EXPERIMENT_INVALID' });
});

test("the run's own signal stops a stream", async () => {
  const controller = new AbortController();
  const stream = experimentOf(() => 1, { replicates: 1000 }).stream({ signal: controller.signal });
  const error = await rejection(
    (async () => {
      for await (const cell of stream) if (cell.replicate === 1) controller.abort(new Error('mine'));
    })(),
  );
  expect(error).toMatchObject({ message: 'mine' });
});

test.each([
  ['without a plugin', []],
  ['with a plugin that commits', [{ name: 'c', commitCell: () => {} }]],
  ['with cells that overlap', [AsyncExecution()]],
])('a slow reader holds back the cells that follow, %s', async (_how, plugins) => {
  let ran = 0;
  const stream = experimentOf(() => void ran++, { replicates: 20_000, plugins }).stream();
  for await (const cell of stream) {
    if (cell.replicate < 3) continue;
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    break;
  }
  expect(ran).toBeLessThan(5000);
  await rejection(stream.result);
});

test('the result comes although nobody reads the cells', async () => {
  const { result } = experimentOf(() => 1, { replicates: 600 }).stream();
  expect((await result).executed).toBe(600);
});
