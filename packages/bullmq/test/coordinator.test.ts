import type { CellRecord, CellSpec } from '@crystallize/core';
import type { Queue } from 'bullmq';
import { beforeEach, describe, expect, test } from 'vitest';
import { Attendance } from '../src/coordinator/attendance.ts';
import { Dispatcher } from '../src/coordinator/dispatcher.ts';
import { readExecutionOptions } from '../src/coordinator/execution-options.ts';
import type { CellJob } from '../src/wire/cell-job.ts';

const FIRST = { number: 1, earlier: [] };
const cell = (replicate: number): CellSpec => ({ replicate, condition: 'baseline', seed: replicate });
const recordOf = (spec: CellSpec, duration = 1): CellRecord => ({
  ...spec,
  status: 'done',
  metrics: [],
  artifacts: [],
  steps: [],
  inputs: [],
  startedAt: 0,
  duration,
  attempts: 1,
});

describe('cells that are given away', () => {
  let added: { readonly id: string; readonly replicates: readonly number[] }[] = [];
  let dispatcher: Dispatcher;

  beforeEach(() => {
    added = [];
    const queue = {
      async addBulk(jobs: readonly { readonly data: CellJob; readonly opts: { readonly jobId: string } }[]) {
        added.push(
          ...jobs.map(({ data, opts }) => ({
            id: opts.jobId,
            replicates: data.cells.map((each) => each.replicate),
          })),
        );
      },
    };
    dispatcher = new Dispatcher(queue as unknown as Queue<CellJob>, (error) => {
      throw error;
    });
  });

  const given = (count: number, first = 0) =>
    Array.from({ length: count }, (_, index) => dispatcher.attempt(cell(first + index), FIRST));
  const flushed = () => new Promise((resolve) => setImmediate(resolve));

  test('have a job each until it is known how long they take, and then share one for about 50 ms of work', async () => {
    const first = given(3);
    await flushed();
    expect(added.map(({ replicates }) => replicates)).toEqual([[0], [1], [2]]);
    dispatcher.settle(added[0]?.id ?? '', 0, { record: recordOf(cell(0), 5) });
    await first[0];
    given(25, 10);
    await flushed();
    expect(added.slice(3).map(({ replicates }) => replicates.length)).toEqual([10, 10, 5]);
  });

  test('share no job with others once one took longer than that', async () => {
    given(1);
    await flushed();
    dispatcher.settle(added[0]?.id ?? '', 0, { record: recordOf(cell(0), 1000) });
    given(2, 10);
    await flushed();
    expect(added.slice(1).map(({ replicates }) => replicates.length)).toEqual([1, 1]);
  });

  test('leave one result, whatever is told twice or of another cell', async () => {
    const [outcome] = given(1);
    await flushed();
    const id = added[0]?.id ?? '';
    expect(dispatcher.expects(id, 0, cell(0))).toBe(true);
    expect(dispatcher.expects(id, 0, cell(1))).toBe(false);
    expect(dispatcher.expects(id, 0, { ...cell(0), seed: 5 })).toBe(false);
    dispatcher.settle(id, 0, { record: recordOf(cell(0), 1) });
    dispatcher.settle(id, 0, { record: recordOf(cell(0), 2) });
    expect(await outcome).toMatchObject({ duration: 1 });
  });

  test('are alone when their workers were lost together, and fail when they were lost alone', async () => {
    given(1);
    await flushed();
    dispatcher.settle(added[0]?.id ?? '', 0, { record: recordOf(cell(0), 1) });
    const two = given(2, 10);
    await flushed();
    expect(added[1]?.replicates).toEqual([10, 11]);
    dispatcher.failed(added[1]?.id ?? '');
    await flushed();
    expect(added.slice(2).map(({ replicates }) => replicates)).toEqual([[10], [11]]);
    dispatcher.failed(added[2]?.id ?? '');
    expect(await two[0]).toMatchObject({
      status: 'failed',
      replicate: 10,
      error: { code: 'QUEUE_WORKERS_LOST' },
    });
    dispatcher.settle(added[3]?.id ?? '', 0, { record: recordOf(cell(11)) });
    expect(await two[1]).toMatchObject({ status: 'done' });
  });

  test('come to nothing when the run ends, queued or not', async () => {
    const queued = given(1);
    await flushed();
    const waiting = given(1, 1);
    dispatcher.end();
    expect(await Promise.all([...queued, ...waiting, ...given(1, 2)])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a run without workers', () => {
  const warnings: string[] = [];
  const run = { warn: (message: string) => void warnings.push(message) };
  const attendance = () =>
    new Attendance(
      run as unknown as ConstructorParameters<typeof Attendance>[0],
      readExecutionOptions({ queue: 'q', awaitWorkers: 60_000 }),
      'redis://host:6379',
    );
  const worker = { id: 'w', host: 'far', pid: 1 };

  beforeEach(() => {
    warnings.length = 0;
  });

  test('says after 10 seconds how to start one, once, and ends after the time that it was given', () => {
    const seen = attendance();
    expect(seen.check([], 0)).toBeUndefined();
    expect(seen.check([], 9_000)).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(seen.check([], 10_000)).toBeUndefined();
    expect(seen.check([], 20_000)).toBeUndefined();
    expect(warnings).toEqual([
      "No worker has taken a cell of this run for 10 s. None attends the queue 'q' of redis://host:6379. Start one on each machine that has the same code: crystallize worker --queue q --redis redis://host:6379",
    ]);
    expect(seen.check([], 60_000)).toMatchObject({ code: 'QUEUE_UNATTENDED' });
  });

  test('says that there are some, when they are not ready', () => {
    const seen = attendance();
    seen.check(['w'], 0);
    seen.check(['w'], 10_000);
    expect(warnings).toEqual([expect.stringContaining('One worker attends the queue')]);
  });

  test('waits anew when one was ready, and is gone', () => {
    const seen = attendance();
    seen.note({ kind: 'ready', worker, lanes: 1 });
    expect(seen.check(['w'], 50_000)).toBeUndefined();
    expect(seen.check([], 59_000)).toBeUndefined();
    expect(seen.check([], 70_000)).toBeUndefined();
    expect(seen.check([], 119_000)).toMatchObject({ code: 'QUEUE_UNATTENDED' });
  });
});
