import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { endOf, isAlive, runScript, startScript, toldBy } from './run-script.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

const runtimes = ['worker_threads', 'child_process'] as const;
const begun = ['cell:start', 'step:start waiting', 'log waiting', 'custom waiting'];

test.concurrent.each(runtimes)(
  'what happens in a cell is told while it runs, in order: %s',
  async (runtime) => {
    const folder = await mkdtemp(join(tmpdir(), 'crystallize-live-'));
    try {
      // Its cells wait for what the main process does when it hears of them.
      const told = await runScript('live.ts', [runtime, 'live', join(folder, 'gate')]);
      expect(told['outcome']).toEqual(['done']);
      expect(told['events']).toEqual(Array(4).fill([...begun, 'step:end waiting', 'cell:end']));
      expect(told['carried']).toEqual([[true, 'bigint']]);
      // A value that can't come back is told of, and costs nothing else.
      expect(told['uncarried']).toEqual([
        [[expect.stringMatching(/metric 'method' could not come back from the worker/)], expect.any(String)],
      ]);
      expect(told['ended']).toEqual([
        [
          [1, 4],
          [2, 4],
          [3, 4],
          [4, 4],
        ],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test.concurrent.each([
  ['worker_threads', 'loop'],
  ['child_process', 'loop'],
  ['child_process', 'never'],
])('a run that is aborted ends its workers, whatever they do: %s, %s', async (runtime, scenario) => {
  const told = await runScript('live.ts', [runtime, scenario]);
  expect(told['outcome']).toEqual(['aborted']);
  expect(told['events']).toEqual([begun, begun, [], []]);
  await allGone(told['waiting']?.[0], runtime);
});

test.concurrent.each(runtimes)('no cell starts once the run is aborted: %s', async (runtime) => {
  const folder = await mkdtemp(join(tmpdir(), 'crystallize-live-'));
  try {
    const told = await runScript('live.ts', [runtime, 'stop', join(folder, 'gate')]);
    expect(told['outcome']).toEqual(['aborted']);
    const whole = [...begun, 'step:end waiting', 'cell:end'];
    expect(told['events']).toEqual([whole, whole, [], []]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.concurrent.each(runtimes)('Ctrl-C ends a run as its signal does: %s', async (runtime) => {
  const child = startScript('live.ts', [runtime, 'signal']);
  const ended = endOf(child);
  const pids = await toldBy(child, 'waiting');
  // As a terminal does: the whole group gets it, workers as well.
  process.kill(-(child.pid as number), 'SIGINT');
  const { code, told, stderr } = await ended;
  expect([code, told['outcome'], stderr]).toEqual([0, ['aborted'], '']);
  // The cells under way were ended by their signal: none has failed because its worker was gone.
  expect(told['ended']).toEqual([[]]);
  await allGone(pids, runtime);
});

test.concurrent('workers end by themselves when the main process is killed, also in the midst of a loop', async () => {
  const child = startScript('live.ts', ['child_process', 'spin']);
  const pids = await toldBy(child, 'waiting');
  child.kill('SIGKILL');
  await allGone(pids, 'child_process');
});

test.concurrent('a worker ends by itself also when the main process was gone before it could watch for that', async () => {
  const pid = await toldBy(startScript('orphan.ts', ['child_process']), 'worker');
  await vi.waitFor(() => expect(isAlive(pid as number)).toBe(false), { timeout: 10_000 });
});

async function allGone(pids: unknown, runtime: string): Promise<void> {
  const workers = pids as readonly number[];
  expect(workers).toHaveLength(runtime === 'child_process' ? 2 : 1);
  await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), { timeout: 10_000 });
}
