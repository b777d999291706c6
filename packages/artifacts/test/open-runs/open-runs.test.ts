import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, memoryStore, openRuns } from '@crystallize/artifacts';
import { RecordUnreadableError, StorageError, UnsafeNameError } from '@crystallize/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scaling } from '../plugin/scaling.ts';

const fixtures = fileURLToPath(new URL('../fixtures/python-0.27', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crystallize-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('experiments and versions are found without any code of theirs', async () => {
  const plugin = new ArtifactPlugin({ rootDir: folder, versioned: true });
  const b = scaling(plugin, { name: 'b' });
  await b.run();
  await b.run();
  await scaling(plugin, { name: 'a' }).run();

  const found: string[] = [];
  for (const experiment of await openRuns({ rootDir: folder }).experiments()) {
    for (const version of await experiment.versions())
      found.push(`${experiment.name}/v${version.version} ${version.finished}`);
  }
  expect(found).toEqual(['a/v0 true', 'b/v0 true', 'b/v1 true']);
});

test('everything of a version can be read back', async () => {
  const result = await scaling(new ArtifactPlugin({ rootDir: folder })).run();
  const [version] = await openRuns({ rootDir: folder }).experiment('scaling').versions();
  expect(version).toMatchObject({ experiment: 'scaling', version: 0, dir: result.dir, finished: true });
  expect(await version?.metadata()).toMatchObject({ replicates: 2, name: 'scaling', seed: 7 });
  expect(await version?.conditions()).toEqual(['baseline', 'double']);
  expect(await version?.metrics('double')).toEqual({ total: [2, 4] });
  const cells = await version?.cells();
  expect(cells?.map(({ replicate, condition, status }) => [replicate, condition, status])).toEqual([
    [0, 'baseline', 'done'],
    [0, 'double', 'done'],
    [1, 'baseline', 'done'],
    [1, 'double', 'done'],
  ]);
  expect(cells?.map(({ seed }) => seed)).toEqual([7, 7, 31344, 31344]);
  const artifacts = (await version?.artifacts()) ?? [];
  expect(await Promise.all(artifacts.map((artifact) => artifact.json()))).toEqual([
    { value: 1 },
    { value: 2 },
    { value: 2 },
    { value: 4 },
  ]);
});

test('the same reading works on a store', async () => {
  const store = memoryStore();
  await scaling(new ArtifactPlugin({ store })).run();
  const runs = openRuns({ store });
  expect(runs.location).toBe(store.location);
  const [experiment] = await runs.experiments();
  const [version] = (await experiment?.versions()) ?? [];
  expect(await version?.metrics('baseline')).toEqual({ total: [1, 2] });
});

test('runs of Python 0.27 are read, bare NaN and all', async () => {
  const [experiment] = await openRuns({ rootDir: fixtures }).experiments();
  expect(experiment?.name).toBe('python-producer');
  const versions = (await experiment?.versions()) ?? [];
  expect(versions.map(({ version, finished }) => [version, finished])).toEqual([
    [0, true],
    [1, true],
  ]);
  const [first] = versions;
  expect(await first?.metadata()).toMatchObject({ replicates: 3, name: 'python-producer' });
  expect(await first?.conditions()).toEqual(['baseline', 'double', 'half']);
  expect(await first?.metrics('half')).toEqual({
    total: [2, 2.5, 3],
    seed: [123, 31460, 62797],
    odd: [0.25, Number.NaN, 0.25],
  });
  expect(await first?.cells()).toEqual([]);
  expect(await first?.artifacts()).toHaveLength(18);
  const file = await first?.artifact({ replicate: 0, condition: 'baseline', name: 'data.json' });
  expect(file?.sha256).toBeUndefined();
  expect(await file?.json()).toEqual({ values: [1.5, 2.5, 0], condition: 'baseline' });
});

test('names that are no experiment are passed over, and so are folders without a version', async () => {
  await scaling(new ArtifactPlugin({ rootDir: folder })).run();
  await mkdir(join(folder, '.git/v0'), { recursive: true });
  await mkdir(join(folder, 'bad\nname/v0'), { recursive: true });
  await mkdir(join(folder, 'notes/v1x'), { recursive: true });
  await writeFile(join(folder, 'README.md'), 'hello');
  expect((await openRuns({ rootDir: folder }).experiments()).map(({ name }) => name)).toEqual(['scaling']);
});

test('a place where nothing was kept yet is empty, and one that can not be read is an error', async () => {
  expect(await openRuns({ rootDir: join(folder, 'later') }).experiments()).toEqual([]);
  expect(await openRuns({ rootDir: folder }).experiment('unknown').versions()).toEqual([]);
  const unreadable = Object.assign(memoryStore(), {
    children: () => Promise.reject(new StorageError('EACCES: permission denied')),
  });
  await expect(openRuns({ store: unreadable }).experiments()).rejects.toThrow('EACCES');
  await expect(openRuns({ store: unreadable }).experiment('any').versions()).rejects.toThrow('EACCES');
});

test('damaged files are errors, never taken for missing ones', async () => {
  const { dir } = await scaling(new ArtifactPlugin({ rootDir: folder })).run();
  await writeFile(join(dir ?? '', 'metadata.json'), '{"replicates": ');
  const [version] = await openRuns({ rootDir: folder }).experiment('scaling').versions();
  await expect(version?.metadata()).rejects.toBeInstanceOf(RecordUnreadableError);
});

test('a name that no experiment can have is refused', () => {
  expect(() => openRuns({ rootDir: folder }).experiment('../secret')).toThrow(UnsafeNameError);
});

test('neither or both of rootDir and store is an error', () => {
  expect(() => openRuns({} as never)).toThrow(/neither/);
  expect(() => openRuns({ rootDir: folder, store: memoryStore() } as never)).toThrow(/both/);
});
