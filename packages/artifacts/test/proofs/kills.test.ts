import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { figures } from '../harness/figures.ts';
import { noteFigure } from '../harness/note-figure.ts';
import { checkComplete, checkOracle, checkStored, uninterrupted } from '../harness/oracle.ts';
import { seededRandom } from '../harness/random.ts';

const replicates = 24;
/** Milliseconds, from when a process begins to run the experiment; it takes about twice as long. */
const longestLife = 120;
const modes = ['versioned', 'unversioned'] as const;

// Most of a short process's time would go into compiling the same modules again.
const compiled = mkdtempSync(join(tmpdir(), 'crystallize-compiled-'));
afterAll(() => rmSync(compiled, { recursive: true }));

it.each(modes)(
  `kill -9 at any moment of %s runs loses nothing that was told to be done, and runs none of it again (${figures.kills / modes.length} kills)`,
  async (mode) => {
    const expected = await uninterrupted(mode === 'versioned', replicates);
    const random = seededRandom(figures.seed);
    const kills = Math.ceil(figures.kills / modes.length);
    let left = kills;
    let completed = 0;
    while (left > 0) {
      const folder = mkdtempSync(join(tmpdir(), 'crystallize-killed-'));
      const root = join(folder, 'root');
      const oracle = join(folder, 'oracle');
      try {
        for (let isDone = false; !isDone; ) {
          isDone = await runAndKill(
            [root, oracle, mode, String(replicates)],
            left > 0 ? random() * longestLife : undefined,
          );
          if (!isDone) left -= 1;
          checkOracle(oracle);
          await checkStored(root, oracle, expected);
        }
        await checkComplete(root, expected);
        completed += 1;
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    noteFigure('kills', kills);
    noteFigure('runs completed', completed);
    expect(completed).toBeGreaterThan(0);
  },
  figures.patience,
);

/** Starts the process and kills it after so many milliseconds; true when it was done by then. */
async function runAndKill(args: readonly string[], life: number | undefined): Promise<boolean> {
  const path = fileURLToPath(new URL('../harness/killed-process.ts', import.meta.url));
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--conditions=crystallize-source', path, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: compiled } },
  );
  const ended = once(child, 'exit');
  if (life !== undefined) {
    await Promise.race([once(child.stdout, 'data'), ended]);
    // The moment of the kill: nothing waits for what the process does by then.
    await Promise.race([setTimeout(life), ended]);
    child.kill('SIGKILL');
  }
  await ended;
  if (child.signalCode === 'SIGKILL') return false;
  expect(child.exitCode, 'of the process').toBe(0);
  return true;
}
