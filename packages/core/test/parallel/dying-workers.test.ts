import { expect, test, vi } from 'vitest';
import { runScript } from './run-script.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

const exit = (code: number) => ({
  step: 'dies',
  code: 'WORKER_DIED',
  message: expect.stringContaining(`process.exit(${code}) was called in the step 'dies'`),
  cause: `Error: process.exit(${code}) was called in the step 'dies'`,
  at: 'dying.ts',
  classes: [true, true, false],
});
const thrown = (message: string) => ({
  step: 'dies',
  code: 'WORKER_DIED',
  message: expect.stringContaining(`nobody caught what was thrown there: ${message}`),
  at: 'dying.ts',
  classes: [true, true, false],
  causeClasses: [true, false],
});
const late = { step: 'dies', code: 'CELL_TIMEOUT', classes: [true, false, true] };

test.concurrent.each(['worker_threads', 'child_process'])(
  'a worker that dies or hangs fails its cell, with what is known of why, and no other: %s',
  async (runtime) => {
    const told = await runScript('dying.ts', [runtime]);
    const expected: readonly (readonly [string, object])[] = [
      ['exit', exit(3)],
      ['exit later', exit(0)],
      ['thrown in a timer', thrown('from a timer')],
      ['unhandled rejection', thrown('nobody waits')],
      ['loop', { ...late, message: expect.stringContaining('Its worker did not answer any more') }],
      ['never settles', { ...late, message: expect.stringContaining('timeout of 400 ms') }],
      ['kill', { step: 'dies', message: expect.stringContaining('its process was killed, or crashed') }],
    ];
    const possible = expected.slice(0, runtime === 'child_process' ? 7 : 6);
    expect(told['errors']).toMatchObject(possible.map(([name, error]) => ({ name, ...error })));
    expect(told['survived']).toEqual([possible.map((_one, index) => 2 * index)]);
    expect(told['setup']).toEqual([
      [['opened', expect.stringContaining("process.exit(7) was called in the step 'opened'")]],
    ]);
    // Nobody waits for a worker that ended when it had nothing left to do but to tear its steps down.
    const tornDown = (sentence: string) => [
      expect.stringContaining(`A worker ended before it had torn its steps down: ${sentence}`),
    ];
    expect(told['tearing down']).toEqual([
      ['exit in teardown', 'done', tornDown('process.exit(5) was called.')],
      ['thrown in teardown', 'done', tornDown('nobody caught what was thrown there: from a timer.')],
    ]);
    // Of cells that a worker had many of before it, the one that ended it fails, also where it could not say so.
    const last = runtime === 'child_process' ? ['kill', 'WORKER_DIED'] : ['loop', 'CELL_TIMEOUT'];
    expect(told['small']).toMatchObject([
      { name: 'exits', failed: [[1234, 'tiny', 'WORKER_DIED']], done: 1999 },
      { name: 'throws later' },
      { name: last[0], failed: [[1234, 'tiny', last[1]]], done: 1999 },
    ]);
    const [, later] = told['small'] as readonly { failed: unknown[]; done: number; warnings: string[] }[];
    // What is thrown between two cells is told as well, and what is thrown in another cell costs that one.
    expect((later?.failed.length ?? 0) + (later?.warnings.length ?? 0)).toBe(1);
    expect((later?.failed.length ?? 0) + (later?.done ?? 0)).toBe(2000);
  },
);
