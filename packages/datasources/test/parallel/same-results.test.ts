import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { openRuns } from '@crystallize/artifacts';
import { afterAll, beforeAll, expect, test } from 'vitest';

const modes = ['serial', 'async', 'worker_threads', 'child_process'] as const;
let folder = '';
const told = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crystallize-same-'));
  await Promise.all(modes.map(async (mode) => told.set(mode, await runIn(mode))));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(modes.slice(1))(
  'results, errors, provenance and warnings are those of a serial run: %s',
  (mode) => {
    const serial = JSON.parse(told.get('serial') ?? '');
    expect(serial.graph.training).toMatchObject({ status: 'failed', executed: 32 });
    expect(serial.graph.training.errors).toHaveLength(3);
    expect(serial.graph.training.artifacts).toHaveLength(100);
    expect(serial.graph.training.warnings).toHaveLength(2);
    expect(JSON.parse(told.get(mode) ?? '')).toEqual(serial);
  },
);

test.each(modes.slice(1))(
  'what lies on disk is that of a serial run, to the last byte but for clock and ids: %s',
  async (mode) => {
    const [serial, own] = await Promise.all([filesOf('serial'), filesOf(mode)]);
    expect(Object.keys(serial).length).toBeGreaterThan(300);
    expect(own).toEqual(serial);
    const [serialCells, ownCells] = await Promise.all([storedCells('serial'), storedCells(mode)]);
    expect(serialCells).toHaveLength(3);
    expect(ownCells).toEqual(serialCells);
  },
);

/** What the graph tells of its results. */
async function runIn(mode: string): Promise<string> {
  await mkdir(join(folder, mode));
  const script = fileURLToPath(new URL('compared.ts', import.meta.url));
  const child = spawn(process.execPath, [
    '--conditions=crystallize-source',
    script,
    mode,
    join(folder, mode),
  ]);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child, 'close');
  if (stderr !== '') throw new Error(`${mode}: ${stderr}`);
  return stdout.replaceAll(join(folder, mode), '');
}

/** Every file but the logs, whose lines lie in the order of the commits. */
async function filesOf(mode: string): Promise<Record<string, string>> {
  const root = join(folder, mode, 'runs');
  const files: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.log')) continue;
    const file = join(entry.parentPath, entry.name);
    files[relative(root, file)] = timeless(await readFile(file, 'latin1'), entry.name);
  }
  return files;
}

function timeless(text: string, name: string): string {
  if (name !== 'metadata.json' && name !== 'run.json') return text;
  return text
    .replaceAll(/"(run|check)": ?"[^"]+"/g, '"$1":""')
    .replaceAll(/"(startedAt|endedAt|claimedAt|pid)": ?(?:"[^"]+"|\d+)/g, '"$1":0');
}

/** What the logs hold, by version. */
async function storedCells(mode: string): Promise<readonly string[]> {
  const versions = await Promise.all(
    (await openRuns({ rootDir: join(folder, mode, 'runs') }).experiments()).map((one) => one.versions()),
  );
  return Promise.all(
    versions.flat().map(async (version) => {
      const cells = (await version.cells()).map((cell) => ({
        ...cell,
        startedAt: 0,
        duration: 0,
        steps: cell.steps.map((step) => ({ ...step, duration: 0, cached: undefined })),
      }));
      const inOrder = cells.toSorted(
        (a, b) => a.replicate - b.replicate || (a.condition < b.condition ? -1 : 1),
      );
      return inspect(inOrder, { depth: 20, maxArrayLength: 9999, sorted: true }).replaceAll(
        join(folder, mode),
        '',
      );
    }),
  );
}
