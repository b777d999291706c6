import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, fsStore, openRuns } from '@crystallize/artifacts';
import { claimKey } from '@crystallize/core/storage';
import { expect, test } from 'vitest';
import { scaling } from './scaling.ts';
import { tempFolder } from './temp-folder.ts';
import { readTree } from './tree.ts';
import { watchedStore } from './watched-store.ts';

test('8 processes that start at once get 8 versions, each whole', async () => {
  await using folder = await tempFolder();
  const outputs = await runAtOnce(8, folder.path, 'versioned');
  const versions = outputs.map((output) => Number(output)).sort((a, b) => a - b);
  expect(versions).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  for (const version of versions) {
    const path = join(folder.path, 'scaling', `v${version}`, 'metadata.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ replicates: 2, status: 'done' });
  }
});

test('of processes that write the one unversioned run, those that meet another are refused', async () => {
  await using folder = await tempFolder();
  const outputs = await runAtOnce(6, folder.path, 'unversioned');
  for (const output of outputs) expect(output).toMatch(/^(0|RUN_LOCKED)$/);
  expect(outputs).toContain('0');
  const path = join(folder.path, 'scaling', 'v0', 'metadata.json');
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ status: 'done' });
});

test('overlapping versioned runs in one process get versions of their own', async () => {
  await using folder = await tempFolder();
  const experiment = scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true }));
  const results = await Promise.all([experiment.run(), experiment.run({ replicates: 3 }), experiment.run()]);
  expect(results.map(({ version }) => version).sort()).toEqual([0, 1, 2]);
  for (const { dir, replicates } of results) {
    expect(JSON.parse(await readFile(join(dir ?? '', 'metadata.json'), 'utf8'))).toMatchObject({
      replicates,
    });
  }
});

test('a number is not used again, not even when its folder is gone', async () => {
  await using folder = await tempFolder();
  const experiment = scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true }));
  await experiment.run();
  const { dir } = await experiment.run();
  await rm(dir ?? '', { recursive: true });
  expect((await experiment.run()).version).toBe(2);
});

test('a number that is claimed between the look and the claim is passed over', async () => {
  await using folder = await tempFolder();
  const store = fsStore(folder.path);
  let raced = false;
  const racing = watchedStore(store, async (operation, key) => {
    if (raced || operation !== 'put' || key !== claimKey('scaling', 0)) return;
    raced = true;
    for (const version of [0, 1]) await store.put(claimKey('scaling', version), Buffer.from('{}'));
  });
  const { version } = await scaling(new ArtifactPlugin({ store: racing, versioned: true })).run();
  expect(version).toBe(2);
});

test('a number that was taken in vain is no run, and is not used again', async () => {
  await using folder = await tempFolder();
  const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned: true });
  await scaling(plugin).run();
  // A process that could open no more files has made the folder, and no claim in it.
  await mkdir(join(folder.path, 'scaling/.crystallize/v1'));
  const runs = openRuns({ rootDir: folder.path });
  expect((await runs.experiment('scaling').versions()).map(({ version }) => version)).toEqual([0]);
  expect(await runs.verify()).toMatchObject({ versions: 1, faults: [], notes: [] });
  expect((await scaling(plugin).run({ strategy: 'resume' })).version).toBe(0);
  expect((await scaling(plugin).run()).version).toBe(2);
});

test('runs of Python 0.27 in the folder count, and stay as they are', async () => {
  await using folder = await tempFolder();
  const fixture = fileURLToPath(new URL('../fixtures/python-0.27', import.meta.url));
  await cp(fixture, folder.path, { recursive: true });
  const name = 'python-producer';
  const { version } = await scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true }), {
    name,
  }).run();
  expect(version).toBe(2);
  for (const older of ['v0', 'v1']) {
    expect(await readTree(join(folder.path, name, older))).toEqual(
      await readTree(join(fixture, name, older)),
    );
  }
  // The unversioned plugin replaces v0, which no record of ours tells of.
  await scaling(new ArtifactPlugin({ rootDir: folder.path }), { name, replicates: 1 }).run();
  expect(
    Object.keys(await readTree(join(folder.path, name, 'v0'))).filter((path) => path.includes('Step')),
  ).toEqual([]);
});

/** What processes print that are let go at the same moment. */
async function runAtOnce(count: number, ...args: string[]): Promise<string[]> {
  const path = fileURLToPath(new URL('children/run-once.ts', import.meta.url));
  const children = Array.from({ length: count }, () => {
    const child = spawn(process.execPath, ['--conditions=crystallize-source', path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  });
  const next = async ({ lines }: (typeof children)[number]) => String((await lines.next()).value);
  expect(await Promise.all(children.map(next))).toEqual(children.map(() => 'ready'));
  for (const { child } of children) child.stdin.write('go\n');
  return Promise.all(children.map(next));
}
