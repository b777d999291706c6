import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, memoryStore, openRuns } from '@crystallize/artifacts';
import { nodeFileSystem } from '@crystallize/core/storage';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { mixed, storeMixed } from './mixed-run.ts';

const python = fileURLToPath(new URL('../fixtures/python-0.27', import.meta.url));
let whole: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  whole = temporaryFolder();
  await storeMixed(whole.path);
});

afterAll(() => whole[Symbol.dispose]());
afterEach(() => vi.restoreAllMocks());

async function copy(): Promise<{ readonly path: string } & Disposable> {
  const folder = temporaryFolder();
  await cp(whole.path, folder.path, { recursive: true });
  return folder;
}

/** Nothing at or below a path can be listed or opened, as for who has no permission. */
function lockAway(path: string): void {
  const { readdir, open, realpath } = nodeFileSystem;
  const refuse = (asked: string): void => {
    if (asked === path || asked.startsWith(`${path}/`))
      throw Object.assign(new Error(`EACCES: ${asked}`), { code: 'EACCES' });
  };
  vi.spyOn(nodeFileSystem, 'readdir').mockImplementation((asked) => {
    refuse(asked);
    return readdir(asked);
  });
  vi.spyOn(nodeFileSystem, 'open').mockImplementation((asked, flags) => {
    refuse(asked);
    return open(asked, flags);
  });
  vi.spyOn(nodeFileSystem, 'realpath').mockImplementation((asked) => {
    // The folder itself can be looked at.
    if (asked !== path) refuse(asked);
    return realpath(asked);
  });
}

describe('directly in the folder of an experiment', () => {
  test.each([
    ['a file', 'notes.txt', (path: string) => writeFile(path, 'mine')],
    ['an empty folder', 'old', (path: string) => mkdir(path)],
    [
      'a version in another spelling',
      'v01',
      (path: string) => cp(join(path, '../v0'), path, { recursive: true }),
    ],
    ['a link', 'latest', (path: string) => symlink('v1', path)],
    ['a link in the place of a version', 'v7', (path: string) => symlink('/nowhere', path)],
    ['a file in the place of a version', 'v7', (path: string) => writeFile(path, '')],
  ])('%s is unlisted', async (_title, name, plant) => {
    using folder = await copy();
    const path = join(folder.path, 'mixed', name);
    await plant(path);
    const { faults, notes } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toEqual([
      {
        kind: 'unlisted',
        experiment: 'mixed',
        path,
        message: expect.stringMatching(/^This (file|folder) is/),
      },
    ]);
    expect(notes).toEqual([]);
  });

  test('it is so in a store without files, and not among runs of Python alone', async () => {
    const store = memoryStore();
    await mixed(new ArtifactPlugin({ store })).run();
    await store.put('mixed/notes.txt', Buffer.from('mine'));
    expect((await openRuns({ store }).verify()).faults).toMatchObject([
      { kind: 'unlisted', path: 'mixed/notes.txt' },
    ]);
    using folder = temporaryFolder();
    await cp(python, folder.path, { recursive: true });
    await writeFile(join(folder.path, 'python-producer/notes.txt'), 'mine');
    expect((await openRuns({ rootDir: folder.path }).verify()).faults).toEqual([]);
  });
});

describe('a folder of an experiment', () => {
  test('that was given another name contradicts its records', async () => {
    using folder = await copy();
    await rename(join(folder.path, 'mixed'), join(folder.path, 'other'));
    const { faults } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toMatchObject([
      { kind: 'inconsistent', version: 0, path: join(folder.path, 'other/.crystallize/v0/cells.0.log') },
      {
        kind: 'inconsistent',
        version: 1,
        message: expect.stringMatching(/of the experiment 'mixed'.*'other'/),
      },
    ]);
  });

  test('with runs of Python likewise contradicts its metadata', async () => {
    using folder = temporaryFolder();
    await cp(join(python, 'python-producer'), join(folder.path, 'other'), { recursive: true });
    const { faults } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toMatchObject([
      { kind: 'inconsistent', version: 0, path: join(folder.path, 'other/v0/metadata.json') },
      { kind: 'inconsistent', version: 1 },
    ]);
  });

  test('that is a link is not verified, which is a fault; a link to nothing is a note, and others are no matter', async () => {
    using folder = await copy();
    using outside = temporaryFolder();
    const { path: rootDir } = folder;
    await rename(join(rootDir, 'mixed'), join(outside.path, 'mixed'));
    await symlink(join(outside.path, 'mixed'), join(rootDir, 'mixed'));
    await symlink(outside.path, join(rootDir, 'elsewhere'));
    await symlink('/etc/hostname', join(rootDir, 'file'));
    await symlink('/nowhere', join(rootDir, 'gone'));
    const { faults, notes } = await openRuns({ rootDir }).verify();
    expect(faults).toMatchObject([
      {
        kind: 'unreadable',
        experiment: 'mixed',
        path: join(rootDir, 'mixed'),
        message: expect.stringMatching(/symbolic link to a folder with runs/),
      },
    ]);
    expect(notes).toEqual([expect.stringMatching(/^'gone': it is a symbolic link to nothing/)]);
  });
});

describe('what lies in a folder that can not be read is not called missing', () => {
  test.each([
    ['a version', 'mixed/v0', 0],
    ['a replicate', 'mixed/v0/replicate_1', 0],
    ['a condition with its results', 'mixed/v0/double', 0],
    ['the records', 'mixed/.crystallize/v0', 0],
    ['the private folder', 'mixed/.crystallize', undefined],
  ])('%s', async (_title, key, version) => {
    using folder = await copy();
    lockAway(join(folder.path, key));
    const { faults } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults.length).toBeGreaterThan(0);
    const all = new Set(faults.map((fault) => `${fault.kind} ${fault.version}`));
    expect([...all], JSON.stringify(faults)).toEqual([`unreadable ${version}`]);
  });

  test('nor so of a run of Python', async () => {
    using folder = temporaryFolder();
    await cp(python, folder.path, { recursive: true });
    lockAway(join(folder.path, 'python-producer/v0/half'));
    const { faults } = await openRuns({ rootDir: folder.path }).verify();
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['unreadable']));
  });
});

test('a run of Python that has ended, of which a marker is missing, has a note', async () => {
  using folder = temporaryFolder();
  await cp(python, folder.path, { recursive: true });
  await rm(join(folder.path, 'python-producer/v0/half/.crystallize_complete'));
  const { faults, notes } = await openRuns({ rootDir: folder.path }).verify();
  expect(faults).toEqual([]);
  expect(notes.filter((note) => note.includes("'half' is not marked complete"))).toHaveLength(1);
});
