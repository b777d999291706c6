import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtifactStore, fsStore, openRuns, pruneRuns } from '@crystallize/artifacts';
import { StorageError } from '@crystallize/core';
import { lockKey, savedExperiment } from '@crystallize/core/storage';
import { describe, expect, test } from 'vitest';
import { readTree } from '../plugin/tree.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { watchedFs } from '../stores/test-file-systems.ts';
import { storeSized } from './sized-runs.ts';

const artifactRetention = 1;
const writing = new Set(['write', 'writeAsync', 'mkdir', 'link', 'rename', 'unlink', 'rmdir', 'futimes']);

function failing(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

/** A store in a folder, of which nothing under a path can be listed. */
function withUnreadable(folder: string, key: string): ArtifactStore {
  const fs = watchedFs(({ operation, args }) => {
    if (operation === 'readdir' && `${args[0]}/`.startsWith(`${join(folder, key)}/`))
      throw failing('EACCES: injected', 'EACCES');
  });
  return fsStore(folder, { durability: 'process', fs });
}

describe.each([true, false])('with several experiments (dry run: %s)', (dryRun) => {
  test('damaged metadata of one is trouble in the report, and the others are pruned', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    for (const name of ['a', 'b', 'c']) await storeSized({ rootDir }, 2, {}, name);
    await writeFile(join(rootDir, 'b/v1/metadata.json'), '{');
    const report = await pruneRuns({ rootDir, artifactRetention, dryRun });
    expect(report.versions).toMatchObject([
      { experiment: 'a', artifacts: { length: 4 } },
      { experiment: 'c', artifacts: { length: 4 } },
    ]);
    expect(report).toMatchObject({
      artifacts: 8,
      troubles: [{ experiment: 'b', message: expect.stringContaining('b/v1/metadata.json') }],
    });
  });

  test.each(['b', 'b/.crystallize'])('one of which %s can not be read is trouble likewise', async (key) => {
    using folder = temporaryFolder();
    for (const name of ['a', 'b', 'c']) await storeSized({ rootDir: folder.path }, 2, {}, name);
    const store = withUnreadable(folder.path, key);
    const report = await pruneRuns({ store, artifactRetention, dryRun });
    expect(report.versions).toMatchObject(
      ['a', 'c'].map((experiment) => ({
        experiment,
        artifacts: { length: 4 },
        chainedBy: ["perhaps 'b', whose records can't be read"],
      })),
    );
    expect(report.troubles).toEqual([{ experiment: 'b', message: expect.stringMatching(/permission/) }]);
    const alone = await pruneRuns({ store, artifactRetention, dryRun, experiment: 'b' });
    expect(alone).toMatchObject({ artifacts: 0, troubles: [{ experiment: 'b' }] });
  });
});

test('a place of which nothing can be read is refused with the reason', async () => {
  using folder = temporaryFolder();
  await storeSized({ rootDir: folder.path }, 1, {}, 'b');
  const error: unknown = await pruneRuns({ store: withUnreadable(folder.path, 'b') }).catch(
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(StorageError);
  expect(String(error)).toMatch(/no place in which Crystallize keeps runs.*permission was denied/);
});

test('links and pipes that no record names stay, also beside what was superseded', async () => {
  using folder = temporaryFolder();
  using outside = temporaryFolder();
  const { path: rootDir } = folder;
  await storeSized({ rootDir }, 2);
  await writeFile(join(outside.path, 'precious'), 'precious');
  const superseded = 'sized/.crystallize/v0/superseded/1/replicate_0/baseline/write';
  await mkdir(join(rootDir, superseded), { recursive: true });
  await writeFile(join(rootDir, superseded, 'small.bin'), 'superseded');
  const links = [
    'sized/v0/replicate_0/baseline/write/precious',
    'sized/v0/replicate_0/dangling',
    `${superseded}/precious`,
  ];
  for (const link of links)
    await symlink(join(outside.path, link.endsWith('precious') ? 'precious' : 'none'), join(rootDir, link));
  const report = await pruneRuns({ rootDir, artifactRetention });
  expect(report).toMatchObject({ artifacts: 5, troubles: [], versions: [{ version: 0 }] });
  for (const link of links) expect((await lstat(join(rootDir, link))).isSymbolicLink(), link).toBe(true);
  expect(await readFile(join(outside.path, 'precious'), 'utf8')).toBe('precious');
});

test('a pipe alone keeps its folder', async () => {
  using folder = temporaryFolder();
  const { path: rootDir } = folder;
  await storeSized({ rootDir }, 2);
  const pipe = join(rootDir, 'sized/v0/replicate_0/other/pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await pruneRuns({ rootDir, artifactRetention })).toMatchObject({ artifacts: 4 });
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});

describe('a dry run', () => {
  test.each(['EROFS', 'ENOSPC'])('writes nothing, and so tells all where writing is %s', async (code) => {
    using folder = temporaryFolder();
    await storeSized({ rootDir: folder.path }, 3);
    const tried: string[] = [];
    const fs = watchedFs(({ operation }) => {
      if (!writing.has(operation)) return;
      tried.push(operation);
      throw failing(`${code}: injected`, code);
    });
    const report = await pruneRuns({ store: fsStore(folder.path, { fs }), artifactRetention, dryRun: true });
    expect(report).toMatchObject({ artifacts: 8, versions: [{ version: 0 }, { version: 1 }], troubles: [] });
    for (const version of report.versions) expect(version).not.toHaveProperty('trouble');
    expect(tried).toEqual([]);
  });

  test('leaves what dead readers and writers have left, and sees the living', async () => {
    using folder = temporaryFolder();
    const store = fsStore(folder.path, { durability: 'process' });
    await storeSized({ store }, 4);
    const [v0] = await savedExperiment(store, 'sized').versions();
    await using _held = await v0?.hold?.();
    const lock = await store.lock(lockKey('sized', 1));
    const living = (await store.get(lockKey('sized', 1))) ?? Buffer.of();
    const dead = Buffer.from(living)
      .toString()
      .replace(/"pid": ?\d+/, '"pid":4194304');
    for (const key of [`${lockKey('sized', 2)}`, 'sized/.crystallize/v2/readers/gone'])
      await store.put(key, Buffer.from(dead));
    await store.put('sized/.crystallize/v2/readers/gone.json', Buffer.from('{}'));
    const before = await readTree(folder.path);
    const { versions } = await pruneRuns({ store, artifactRetention, dryRun: true });
    expect(versions).toMatchObject([
      { version: 0, left: expect.stringMatching(/^a run reads it: .*readers/) },
      { version: 1, left: expect.stringMatching(/^a run writes it: .*this process/) },
      { version: 2, artifacts: { length: 4 } },
    ]);
    expect(await readTree(folder.path)).toEqual(before);
    await store.put(lockKey('sized', 2), Buffer.from('{'));
    const damaged = await pruneRuns({ store, artifactRetention, dryRun: true });
    expect(damaged.versions[2]?.left).toMatch(/does not say who holds it/);
    await lock.release();
    expect((await openRuns({ store }).experiments()).length).toBe(1);
  });

  test('of a store without files takes a lock that can not be taken for free', async () => {
    using folder = temporaryFolder();
    await storeSized({ rootDir: folder.path }, 2);
    const { localPath: _, ...store } = bound(fsStore(folder.path));
    const lock = () => Promise.reject(new StorageError('no room for a lock'));
    const report = await pruneRuns({ store: { ...store, lock }, artifactRetention, dryRun: true });
    expect(report).toMatchObject({ artifacts: 4, troubles: [] });
    const real = await pruneRuns({ store: { ...store, lock }, artifactRetention });
    expect(real.versions).toMatchObject([{ artifacts: [], trouble: 'no room for a lock' }]);
  });
});

/** The same store as a plain object, so that parts of it can be taken away. */
function bound(store: ArtifactStore): ArtifactStore {
  return {
    location: store.location,
    put: (...args) => store.put(...args),
    remove: (...args) => store.remove(...args),
    removeAll: (...args) => store.removeAll(...args),
    moveAll: (...args) => store.moveAll(...args),
    createLog: (...args) => store.createLog(...args),
    lock: (...args) => store.lock(...args),
    holds: (...args) => store.holds(...args),
    size: (...args) => store.size(...args),
    get: (...args) => store.get(...args),
    stream: (...args) => store.stream(...args),
    children: (...args) => store.children(...args),
    list: (...args) => store.list(...args),
    readLog: (...args) => store.readLog(...args),
  };
}
