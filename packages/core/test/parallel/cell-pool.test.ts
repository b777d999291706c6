import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runScript } from './run-script.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

test.concurrent.each(['worker_threads', 'child_process'])(
  'a pool runs cells of any run that was described, one by one: %s',
  async (runtime) => {
    const folder = await mkdtemp(join(tmpdir(), 'crystallize-pool-'));
    try {
      const told = await runScript('pool.ts', [runtime, join(folder, 'gate')]);
      expect(told['workers']).toEqual([2]);
      expect(told['records']).toEqual([[1, 1, 1]]);
      expect(
        (told['asked'] as readonly { replicate: number }[]).filter(({ replicate }) => replicate === 3),
      ).toEqual([
        { replicate: 3, current: true, attempt: 2, earlier: 1 },
        { replicate: 3, current: false, attempt: 2, earlier: 1 },
        // Where it can't be told, it counts no more.
        { replicate: 3, current: false, attempt: 1, earlier: 0 },
      ]);
      expect(told['attempts']).toEqual([2]);
      expect(told['aborted']).toEqual([
        [4, null, ['done', 'done', 'done']],
        [5, null, ['done', 'done', 'done']],
      ]);
      expect([told['too late'], told['room']]).toEqual([[null], [null]]);
      expect([told['closed'], told['after']]).toEqual([[[null, null, null, null, null]], [null]]);
      expect(told['wrong']).toEqual([
        'workers is a whole number of at least 1, and was given as 0.',
        'stopped before',
        'stopped while it opens',
        'WORKER_MISMATCH',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
