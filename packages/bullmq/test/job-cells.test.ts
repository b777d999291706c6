import { type CellRecord, StorageError } from '@crystallize/core';
import type { CellPool } from '@crystallize/core/worker';
import { beforeEach, expect, test } from 'vitest';
import type { QueuedCell } from '../src/wire/cell-job.ts';
import type { ToldCell } from '../src/wire/inbox-entry.ts';
import { JobCells } from '../src/worker/job-cells.ts';
import type { JobTeller } from '../src/worker/job-teller.ts';
import type { QueueWorkerEvent } from '../src/worker/queue-worker-event.ts';

let ran: number[] = [];
let told: ToldCell[] = [];
let events: QueueWorkerEvent[] = [];

beforeEach(() => {
  ran = [];
  told = [];
  events = [];
});

const cells: readonly QueuedCell[] = [0, 1, 2].map((replicate) => ({
  replicate,
  condition: 'baseline',
  seed: replicate,
  attempt: { number: 1, earlier: [] },
}));

/** @param run - What comes of a cell. @param counts - Whether what is told counts. */
function jobCells(run: (replicate: number) => CellRecord | undefined, counts = true): JobCells {
  const pool = {
    async run({ replicate }: { readonly replicate: number }) {
      ran.push(replicate);
      return run(replicate);
    },
  } as unknown as CellPool;
  const teller = {
    async tell(cell: ToldCell) {
      told.push(cell);
      return counts;
    },
    async isCurrent() {
      return counts;
    },
    end() {},
  } as unknown as JobTeller;
  return new JobCells({
    experiment: 'e',
    pool,
    teller,
    isOver: () => false,
    emit: (event) => {
      events.push(event);
    },
  });
}

const done = (replicate: number): CellRecord => ({
  ...{ replicate, condition: 'baseline', seed: replicate, status: 'done', attempts: 1 },
  ...{ metrics: [], artifacts: [], steps: [], inputs: [], startedAt: 0, duration: 1 },
});

test('cells of which an earlier worker has told are not run again', async () => {
  await jobCells(done).run(cells, new Set([0, 2]), false);
  expect(ran).toEqual([1]);
  expect(told).toMatchObject([{ index: 1 }]);
});

test('once the job is another worker’s, no further cell of it begins, and those that ran come to nothing', async () => {
  await jobCells(done, false).run(cells, new Set(), false);
  expect(ran.length).toBeLessThan(3);
  for (const event of events.filter(({ type }) => type === 'cell:end'))
    expect(event).toMatchObject({ status: 'aborted' });
});

test.each([true, false])(
  'each cell that begins ends once, whatever comes of it (handed over at once: %s)',
  async (ahead) => {
    await jobCells((replicate) => (replicate === 1 ? undefined : done(replicate))).run(
      cells,
      new Set(),
      ahead,
    );
    const of = (type: QueueWorkerEvent['type']) =>
      events
        .filter((event) => event.type === type)
        .map((event) => (event as { readonly replicate: number }).replicate);
    expect(of('cell:end').sort()).toEqual(of('cell:start').sort());
  },
);

test('a storage error is told, and ends the run; any other is the worker’s own', async () => {
  const failing = (error: Error) =>
    jobCells(() => {
      throw error;
    });
  await failing(new StorageError('The disk is full.')).run(cells.slice(0, 1), new Set(), false);
  expect(told).toMatchObject([{ index: 0, error: { message: 'The disk is full.' } }]);
  await expect(failing(new Error('no more workers')).run(cells, new Set(), false)).rejects.toThrow(
    'no more workers',
  );
  expect(told).toHaveLength(1);
});
