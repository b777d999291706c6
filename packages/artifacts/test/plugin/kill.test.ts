import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { openRuns } from '@crystallize/artifacts';
import { expect, test } from 'vitest';
import { tempFolder } from './temp-folder.ts';
import { listTree } from './tree.ts';

const LARGE = 300_000;

test.each(['versioned', 'unversioned'])(
  'after kill -9 at any moment of %s runs, artifacts are whole and acknowledged cells are stored',
  async (mode) => {
    await using folder = await tempFolder();
    let acknowledgedInAll = 0;
    // Killed when so many cells were acknowledged: at the start, in the middle of things, with a fuller log.
    for (const [round, least] of [0, 1, 2, 9, 30, 70].entries()) {
      const oracle = join(folder.path, `acknowledged-${round}`);
      const child = start(join(folder.path, 'root'), oracle, mode);
      await linesOf(child, 1 + least);
      child.kill('SIGKILL');
      await once(child, 'exit');
      acknowledgedInAll += await check(join(folder.path, 'root'), oracle);
    }
    expect(acknowledgedInAll).toBeGreaterThanOrEqual(1 + 2 + 9 + 30 + 70);
  },
);

async function check(rootDir: string, oracle: string): Promise<number> {
  const version = (await openRuns({ rootDir }).experiment('killed').versions()).at(-1);
  if (!version) return 0;
  const lines = existsSync(oracle) ? (await readFile(oracle, 'utf8')).split('\n').filter(Boolean) : [];
  const cells = await version.cells();
  const stored = new Set(cells.map(({ replicate, condition }) => `${replicate} ${condition}`));
  expect(lines.filter((line) => !stored.has(line))).toEqual([]);
  for (const cell of cells) expect(cell.status).toBe('done');
  // Reading checks size and sha256 against the record.
  for (const artifact of await version.artifacts()) await artifact.bytes();
  expect(version.finished).toBe(false);
  const dir = version.dir ?? '';
  if (!existsSync(dir)) return lines.length;
  for (const path of await listTree(dir)) {
    if (path.includes('.crystallize-tmp-')) continue;
    const bytes = await readFile(join(dir, path));
    expect([1024, LARGE], path).toContain(bytes.length);
    expect(
      bytes.every((byte) => byte === bytes[0]),
      path,
    ).toBe(true);
  }
  return lines.length;
}

/** Resolves when the child has printed so many lines. */
async function linesOf(child: ChildProcessByStdio<null, Readable, null>, count: number): Promise<void> {
  let lines = 0;
  for await (const _ of createInterface(child.stdout)) if (++lines >= count) return;
  throw new Error(`The child ended after ${lines} of ${count} lines.`);
}

function start(rootDir: string, oracle: string, mode: string): ChildProcessByStdio<null, Readable, null> {
  const path = fileURLToPath(new URL('children/run-until-killed.ts', import.meta.url));
  return spawn(
    process.execPath,
    ['--conditions=crystallize-source', path, rootDir, oracle, mode, String(LARGE)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}
