import { AsyncExecution, type CellRecord, type Plugin } from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder } from './support/experiments.ts';

test('a cell is reported only after every commitCell has resolved, and later cells start meanwhile', async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const quick: Plugin = {
    name: 'quick',
    commitCell: async (_run, { replicate }) => void log.push(`quick ${replicate}`),
  };
  const slow: Plugin = {
    name: 'slow',
    async commitCell(_run, { replicate }) {
      // The first commit ends only when the last cell has begun.
      if (replicate === 0) await gate.promise;
      log.push(`slow ${replicate}`);
    },
  };
  const experiment = experimentOf(
    (replicate) => {
      log.push(`run ${replicate}`);
      if (replicate === 2) gate.resolve();
    },
    { replicates: 3, plugins: [quick, slow] },
  );
  await experiment.run({
    onEvent: (event) => event.type === 'cell:end' && log.push(`end ${event.cell.replicate}`),
  });
  const at = (entry: string) => log.indexOf(entry);
  expect(log).toHaveLength(12);
  expect(at('run 2')).toBeLessThan(at('slow 0'));
  for (const replicate of [0, 1, 2]) {
    expect(at(`end ${replicate}`)).toBeGreaterThan(at(`slow ${replicate}`));
    expect(at(`end ${replicate}`)).toBeGreaterThan(at(`quick ${replicate}`));
  }
});

test('each cell is committed once, with the record that the result has', async () => {
  const committed: CellRecord[] = [];
  const plugin: Plugin = { name: 'keeper', commitCell: async (_run, record) => void committed.push(record) };
  const experiment = experimentOf(
    (replicate, ctx) => {
      ctx.record('m', replicate, { tag: 1 });
      if (replicate === 1) throw new Error('no');
    },
    { replicates: 3, plugins: [AsyncExecution(), plugin] },
  );
  const result = await experiment.run();
  expect(committed.sort((a, b) => a.replicate - b.replicate)).toEqual(result.baseline.cells);
});

test('the run ends only when all commits have', async () => {
  let open = 0;
  const plugin: Plugin = {
    name: 'slow',
    async commitCell() {
      open++;
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      open--;
    },
    afterRun: () => expect(open).toBe(0),
  };
  const result = await experimentOf(() => 1, { replicates: 20, plugins: [plugin] }).run();
  expect(open).toBe(0);
  expect(result).toMatchObject({ executed: 20, warnings: [] });
});

test('events count the cells that have ended', async () => {
  const { events, onEvent } = recorder();
  await experimentOf(() => 1, { replicates: 3, plugins: [AsyncExecution()] }).run({ onEvent });
  const ends = events.flatMap((event) => (event.type === 'cell:end' ? [[event.ended, event.cells]] : []));
  expect(ends).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  expect(events[0]).toMatchObject({
    type: 'run:start',
    replicates: 3,
    conditions: ['baseline'],
    cells: 3,
    restored: 0,
    seed: 1,
  });
  expect(events.at(-1)).toEqual({ type: 'run:end', status: 'done' });
});
