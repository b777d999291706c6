import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runScript } from './run-script.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

test('retries and timeouts are the same wherever cells run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crystallize-retries-'));
  try {
    const [serial, ...parallel] = await Promise.all(
      ['serial', 'worker_threads', 'child_process'].map((mode) =>
        runScript('retries.ts', [mode, join(folder, mode)]),
      ),
    );
    expect(serial?.['texts']).toEqual([
      ['try 3', 'try 3', 'try 2', 'try 1', 'only once', 'try 1', 'only once'],
    ]);
    expect(serial?.['delays']).toEqual([[1, 1, 1, 2, 2]]);
    // Asked in the main process, of errors that are known by their classes, codes and causes.
    expect(serial?.['asked']?.flat()).toHaveLength(6);
    for (const told of parallel) expect(told).toEqual(serial);
  } finally {
    await rm(folder, { recursive: true });
  }
});
