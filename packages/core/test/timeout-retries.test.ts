import { setTimeout as delay } from 'node:timers/promises';
import {
  Artifact,
  type CellRecord,
  CellTimeoutError,
  Experiment,
  type Plugin,
  pipelineStep,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, rejection, replicateIndex } from './support/experiments.ts';

test('a cell that takes longer than its timeout fails with an error that says so, and the run goes on', async () => {
  const experiment = experimentOf(
    async (replicate, ctx) => {
      ctx.record('started', replicate);
      if (replicate === 0) await delay(60_000, undefined, { signal: ctx.signal });
    },
    { replicates: 2 },
  );
  const result = await experiment.run({ timeout: 20 });
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]).toMatchObject({
    replicate: 0,
    step: 'work',
    cause: { code: 'CELL_TIMEOUT', timeout: 20 },
  });
  expect(result.errors[0]?.cause).toBeInstanceOf(CellTimeoutError);
  expect(result.baseline.metrics['started']).toEqual([1]);
});

test('the signal of a cell whose time is over says why', async () => {
  const reason = Promise.withResolvers<unknown>();
  const experiment = experimentOf((_data, ctx) => {
    ctx.signal.addEventListener('abort', () => reason.resolve(ctx.signal.reason));
    return new Promise(() => {});
  });
  await experiment.run({ timeout: 10 });
  expect(await reason.promise).toBeInstanceOf(CellTimeoutError);
});

test('a cell that ends in time is untouched by its timeout', async () => {
  const experiment = experimentOf((replicate, ctx) => ctx.record('m', replicate), { replicates: 3 });
  expect((await experiment.run({ timeout: 60_000 })).baseline.metrics['m']).toEqual([0, 1, 2]);
});

test('what a cell does after its time is over counts no more: no record changes and no step follows', async () => {
  const gate = Promise.withResolvers<void>();
  const late: unknown[] = [];
  const after: unknown[] = [];
  const file = new Artifact('late');
  const slow = pipelineStep({
    name: 'slow',
    async run(data: number, ctx) {
      ctx.record('early', 1);
      await gate.promise;
      for (const attempt of [() => ctx.record('late', 1), () => ctx.add('late', 1), () => file.write('x')]) {
        late.push(
          await (async () => attempt())().catch((error: unknown) => (error as { code: string }).code),
        );
      }
      return data;
    },
  });
  const next = pipelineStep({ name: 'next', run: (data: number) => after.push(data) });
  const { events, onEvent } = recorder();
  const result = await new Experiment({ datasource: replicateIndex(), pipeline: [slow(), next()] }).run({
    timeout: 10,
    onEvent,
  });
  const before = JSON.stringify([result.baseline.cells, events]);
  gate.resolve();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(late).toEqual(['ARTIFACT_SCOPE', 'ARTIFACT_SCOPE', 'ARTIFACT_SCOPE']);
  expect(after).toEqual([]);
  expect(JSON.stringify([result.baseline.cells, events])).toBe(before);
});

test('no step follows one that was given up while the run still goes on', async () => {
  const gate = Promise.withResolvers<void>();
  const followed: number[] = [];
  const slow = pipelineStep({
    name: 'slow',
    async run(data: number) {
      if (data === 0) await gate.promise;
      else gate.resolve();
      for (let turn = data === 0 ? 55 : 0; turn < 60; turn++) await new Promise(setImmediate);
      return data;
    },
  });
  const next = pipelineStep({ name: 'next', run: (data: number) => followed.push(data) });
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [slow(), next()],
    replicates: 2,
  });
  const result = await experiment.run({ timeout: 500 });
  expect(result.errors).toMatchObject([{ replicate: 0, cause: { code: 'CELL_TIMEOUT' } }]);
  expect(followed).toEqual([1]);
});

test('time that a hook takes before the work counts as well', async () => {
  const plugin: Plugin = { name: 'slow-hook', beforeCell: () => delay(30) };
  const experiment = experimentOf(() => new Promise(() => {}), { plugins: [plugin] });
  expect((await experiment.run({ timeout: 10 })).errors[0]?.cause).toBeInstanceOf(CellTimeoutError);
});

/** Fails as often as told in each cell. */
function flaky(failures: number) {
  const tries = new Map<number, number>();
  const file = new Artifact('try.txt');
  return experimentOf(
    async (replicate, ctx) => {
      const now = (tries.get(replicate) ?? 0) + 1;
      tries.set(replicate, now);
      ctx.record('try', now);
      ctx.add('tried', now);
      await file.write(String(now));
      if (now <= failures) throw new Error(`try ${now}`);
    },
    { replicates: 2 },
  );
}

test('a failed cell is tried again from its start, and keeps only what its last try did', async () => {
  const result = await flaky(2).run({ retries: { times: 2, delay: 0 } });
  expect(result.status).toBe('done');
  expect(result.baseline.metrics['try']).toEqual([3, 3]);
  expect(
    result.baseline.cells.map((cell) => [cell.attempts, cell.metrics.length, cell.artifacts.length]),
  ).toEqual([
    [3, 1, 1],
    [3, 1, 1],
  ]);
  expect(await result.artifact('try.txt')?.text()).toBe('3');
});

test('a cell that fails every time fails with its last error', async () => {
  const result = await flaky(9).run({ retries: { times: 2, delay: 0 } });
  expect(result.errors.map((error) => (error.cause as Error).message)).toEqual(['try 3', 'try 3']);
  expect(result.baseline.cells[0]?.attempts).toBe(3);
});

test('the random numbers of a try are those of the first', async () => {
  const drawn: number[] = [];
  const experiment = experimentOf((_data, ctx) => {
    drawn.push(ctx.rng.next());
    if (drawn.length === 1) throw new Error('again');
  });
  await experiment.run({ retries: { times: 1, delay: 0 } });
  expect(drawn[1]).toBe(drawn[0]);
});

test('when() decides by the original error, delay() by the number of the retry', async () => {
  const asked: unknown[] = [];
  const retries = {
    times: 5,
    delay: (retry: number) => (asked.push(retry), 0),
    when: (error: unknown) => (error as Error).message !== 'try 3',
  };
  const result = await flaky(9).run({ retries, replicates: 1 });
  expect(asked).toEqual([1, 2]);
  expect(result.baseline.cells[0]?.attempts).toBe(3);
});

test('a cell that is out of time may be tried again', async () => {
  let tries = 0;
  const experiment = experimentOf(() => (++tries === 1 ? new Promise(() => {}) : undefined));
  expect((await experiment.run({ timeout: 10, retries: { times: 1, delay: 0 } })).status).toBe('done');
});

test('a cell is reported once, however often it is tried', async () => {
  const { events, onEvent } = recorder();
  await flaky(2).run({ retries: { times: 2, delay: 0 }, replicates: 1, onEvent });
  const types = events.map((event) => event.type);
  expect(types.filter((type) => type === 'cell:start' || type === 'cell:end')).toEqual([
    'cell:start',
    'cell:end',
  ]);
});

test('an abort does not wait for the next try, and the cell has failed for now', async () => {
  const controller = new AbortController();
  const committed: CellRecord[] = [];
  const keeper: Plugin = { name: 'keeper', commitCell: (_run, record) => void committed.push(record) };
  const experiment = experimentOf(
    () => {
      setImmediate(() => controller.abort(new Error('stop')));
      throw new Error('again');
    },
    { plugins: [keeper] },
  );
  const retries = { times: 1, delay: 3_600_000 };
  expect(await rejection(experiment.run({ retries, signal: controller.signal }))).toMatchObject({
    message: 'stop',
  });
  expect(committed).toMatchObject([{ status: 'failed', attempts: 1, error: { message: 'again' } }]);
});

test('a step whose time is over ends as failed, once, before its cell does', async () => {
  const gate = Promise.withResolvers<void>();
  const calls: string[] = [];
  const plugin: Plugin = {
    name: 'p',
    afterStep: (_step, outcome) => {
      const why = outcome.status === 'failed' ? (outcome.error as Error).name : '';
      calls.push(`afterStep ${outcome.status} ${why}`);
    },
    afterCell: () => void calls.push('afterCell'),
    onEvent: (_run, event) => {
      if (event.type === 'step:end') calls.push(`step:end ${event.failed}`);
    },
    afterRun: () => void calls.push('afterRun'),
  };
  for (const plugins of [[plugin], [{ name: 'events', onEvent: plugin.onEvent }]] as const) {
    const experiment = experimentOf(() => gate.promise, { plugins: plugins as readonly Plugin[] });
    const result = await experiment.run({ timeout: 10 });
    expect(result.baseline.cells[0]?.steps.map(({ step }) => step)).toEqual(['work']);
  }
  gate.resolve();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(calls).toEqual([
    'step:end true',
    'afterStep failed CellTimeoutError',
    'afterCell',
    'afterRun',
    'step:end true',
  ]);
});

test('an option retries.when that throws is a warning: the cell keeps its own error, and the run goes on', async () => {
  const experiment = experimentOf(
    (replicate) => {
      if (replicate === 0) throw new Error('the cell');
    },
    { replicates: 2 },
  );
  const when = () => {
    throw new Error('the option');
  };
  const result = await experiment.run({ retries: { times: 3, when } });
  expect(result.errors.map((error) => (error.cause as Error).message)).toEqual(['the cell']);
  expect(result.executed).toBe(2);
  expect(result.warnings.join()).toContain('the option');
});
