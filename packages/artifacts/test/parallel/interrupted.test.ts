import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openRuns } from '@crystallize/artifacts';
import { afterAll, expect, test, vi } from 'vitest';
import { tempFolder } from '../plugin/temp-folder.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

const running = new Set<ChildProcessWithoutNullStreams>();

// A test that fails must leave nothing behind that goes on for ever.
afterAll(() => {
  for (const { pid } of running) process.kill(-(pid as number), 'SIGKILL');
});

const all = Array.from({ length: 40 }, (_one, replicate) => replicate);

test.concurrent.each([
  ['worker_threads', 'SIGINT'],
  ['child_process', 'SIGINT'],
  ['child_process', 'SIGKILL'],
] as const)(
  'a run whose workers are ended half-way goes on where it was: %s, %s',
  async (runtime, signal) => {
    await using folder = await tempFolder();
    const child = start(runtime, folder.path, signal);
    const heard = hear(child, (label) => {
      // Ctrl-C reaches the whole group; a kill only the main process.
      if (label === 'ten')
        process.kill(signal === 'SIGINT' ? -(child.pid as number) : (child.pid as number), signal);
    });
    await once(child, 'close');
    const told = heard();
    if (signal === 'SIGINT') expect([told['result'], told['stderr']]).toEqual([[undefined], ['']]);
    const workers = [...new Set(told['worker'] as readonly number[])].filter((pid) => pid !== child.pid);
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), { timeout: 10_000 });
    // Each artifact is there whole or not at all, and what was told as done is there.
    const [version] = await openRuns({ rootDir: folder.path }).experiment('interrupted').versions();
    const done = (await version?.cells()) ?? [];
    expect(done.map(({ replicate }) => replicate)).toEqual(
      expect.arrayContaining([...(told['committed'] ?? [])]),
    );
    expect(done.length).toBeLessThan(40);
    await expectSound(folder.path, done.length);
    const again = start(runtime, folder.path, 'nothing', 'resume');
    const resumed = hear(again);
    await once(again, 'close');
    expect(resumed()['result']).toEqual([
      { executed: 40 - done.length, restored: done.length, failed: [], values: all },
    ]);
    await expectSound(folder.path, 40);
  },
);

test.concurrent('a worker that is killed from outside costs its cell, and the rest is whole', async () => {
  await using folder = await tempFolder();
  const child = start('child_process', folder.path, 'killed worker');
  const heard = hear(child);
  await once(child, 'close');
  const rest = all.filter((replicate) => replicate !== 6);
  expect(heard()['result']).toEqual([{ executed: 40, restored: 0, failed: [[6, 'write']], values: rest }]);
  // What the cell had written until then is kept, as that of a failed cell.
  await expectSound(folder.path, 40);
});

test.concurrent.each(['worker_threads', 'child_process'])(
  'a trial stores nothing, also in workers: %s',
  async (runtime) => {
    await using folder = await tempFolder();
    const child = startScript('trials.ts', runtime, folder.path);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    await once(child, 'close');
    expect(stdout.split('\n')[0]).toBe('["k=3",{"output":21}]');
    expect(await readdir(folder.path)).toEqual([]);
  },
);

async function expectSound(rootDir: string, artifacts: number): Promise<void> {
  const runs = openRuns({ rootDir });
  expect((await runs.verify()).faults).toEqual([]);
  const [version] = await runs.experiment('interrupted').versions();
  const files = (await version?.artifacts()) ?? [];
  expect(files).toHaveLength(artifacts);
  for (const file of files) expect(new Set(await file.bytes())).toEqual(new Set([file.replicate]));
}

function start(...args: readonly string[]): ChildProcessWithoutNullStreams {
  return startScript('interrupted.ts', ...args);
}

function startScript(name: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=crystallize-source', script, ...args], {
    detached: true,
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** What it tells, by label, and each label as it comes. */
function hear(child: ChildProcessWithoutNullStreams, onLabel: (label: string) => void = () => {}) {
  const told: Record<string, unknown[]> = { stderr: [''] };
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { told: label, value } = JSON.parse(line) as { told: string; value: unknown };
      told[label] = [...(told[label] ?? []), value];
      onLabel(label);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told['stderr'] = [`${told['stderr']}${text}`];
  });
  return () => told;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
