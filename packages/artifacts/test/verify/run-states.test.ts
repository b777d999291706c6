import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { ArtifactPlugin, fsStore, memoryStore, openRuns, pruneRuns } from '@crystallize/artifacts';
import { ArtifactNotFoundError, type Plugin, StorageError, UnsafeNameError } from '@crystallize/core';
import { asideFolder, cellLogKey, claimKey, lockKey } from '@crystallize/core/storage';
import { describe, expect, test } from 'vitest';
import { scaling } from '../plugin/scaling.ts';
import { readTree } from '../plugin/tree.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { mixed, storeMixed } from './mixed-run.ts';

const python = fileURLToPath(new URL('../fixtures/python-0.27', import.meta.url));
const clean = { faults: [], notes: [] };

function versioned(rootDir: string): ArtifactPlugin {
  return new ArtifactPlugin({ rootDir, versioned: true, durability: 'process', artifactRetention: 0 });
}

/** Stops the run when its n-th cell is committed. */
function stopAfter(cells: number): {
  readonly signal: AbortSignal;
  onEvent(event: { readonly type: string }): void;
} {
  const stop = new AbortController();
  let ended = 0;
  return {
    signal: stop.signal,
    onEvent: ({ type }) => {
      if (type === 'cell:end' && ++ended >= cells) stop.abort();
    },
  };
}

/** Looks at everything whenever a cell was committed, and when one is about to be. */
function looking(rootDir: string, seen: unknown[]): Plugin {
  const look = async (): Promise<void> => {
    const { faults } = await openRuns({ rootDir }).verify();
    seen.push(...faults);
  };
  return { name: 'looking', commitCell: look, afterCell: look, beforeRun: look, afterRun: look };
}

describe('no fault is found', () => {
  test('in a run that was stopped, and its unrecorded files are a note', async () => {
    using folder = temporaryFolder();
    const plugin = versioned(folder.path);
    await expect(mixed(plugin).run({ ...stopAfter(2), replicates: 40 })).rejects.toThrow();
    expect(await openRuns({ rootDir: folder.path }).verify()).toMatchObject({ faults: [] });
    // Killed in the next cell: nothing says that the session has ended.
    const log = join(folder.path, 'mixed/.crystallize/v0/cells.0.log');
    const lines = (await readFile(log, 'utf8')).split('\n');
    await writeFile(log, `${lines.slice(0, -2).join('\n')}\n117 0badc0de {"type":"ce`);
    const [v0] = await openRuns({ rootDir: folder.path }).experiment('mixed').versions();
    const ended = ((await v0?.cells()) ?? []).filter(({ condition }) => condition === 'double').length;
    const unended = `mixed/v0/replicate_${ended}/double/prepare/table.csv`;
    await fsStore(folder.path).put(unended, Buffer.from('half'));
    const { faults, notes } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/1 file is of cells that had not ended/)]);
  });

  test('in runs that were resumed: the missing cells, further ones, and those that had failed', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await expect(mixed(versioned(rootDir)).run(stopAfter(2))).rejects.toThrow();
    for (const replicates of [2, 3, 1]) {
      await mixed(versioned(rootDir)).run({ strategy: 'resume', replicates });
      expect(await openRuns({ rootDir }).verify(), `${replicates} replicates`).toMatchObject(clean);
    }
    await mixed(versioned(rootDir)).run({ strategy: 'resume', treatments: ['double'], replicates: 4 });
    expect(await openRuns({ rootDir }).verify()).toMatchObject(clean);
    await expect(
      mixed(versioned(rootDir)).run({ strategy: 'resume', replicates: 6, ...stopAfter(3) }),
    ).rejects.toThrow();
    expect((await openRuns({ rootDir }).verify()).faults).toEqual([]);
  });

  test.each([true, false])('while runs go on, resumed or not (versioned: %s)', async (isVersioned) => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    const seen: unknown[] = [];
    const store = new ArtifactPlugin({ rootDir, versioned: isVersioned, durability: 'process' });
    const run = (options: object) => mixed(store, { others: [looking(rootDir, seen)] }).run(options);
    await run({});
    await run({});
    await run({ strategy: 'resume', replicates: 3 });
    expect(seen).toEqual([]);
    expect(await openRuns({ rootDir }).verify()).toMatchObject(clean);
  });

  test('in a store without files, while a run goes on there', async () => {
    const store = memoryStore();
    const seen: unknown[] = [];
    const look: Plugin = {
      name: 'looking',
      commitCell: async () => {
        seen.push(...(await openRuns({ store }).verify()).faults);
      },
    };
    await mixed(new ArtifactPlugin({ store }), { others: [look] }).run();
    expect(seen).toEqual([]);
    expect(await openRuns({ store }).verify()).toMatchObject({ ...clean, artifacts: 18 });
  });

  test('in a version whose artifacts retention has removed', async () => {
    using folder = temporaryFolder();
    await storeMixed(folder.path);
    await pruneRuns({ rootDir: folder.path, artifactRetention: 1 });
    expect(await openRuns({ rootDir: folder.path }).verify()).toMatchObject({ ...clean, artifacts: 18 });
    // Without what says so, each of them is missing.
    await rm(join(folder.path, 'mixed/.crystallize/v0/pruned.json'));
    const { faults } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults.map(({ kind }) => kind)).toEqual(Array(18).fill('missing'));
  });

  test('in an older run whose replacement was killed half-way', async () => {
    using folder = temporaryFolder();
    await scaling(new ArtifactPlugin({ rootDir: folder.path })).run();
    await fsStore(folder.path).moveAll('scaling/v0', `${asideFolder('scaling', 'replaced-by-x')}/files`);
    const { faults, notes } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toEqual([]);
    expect(notes[0]).toMatch(/was to replace it has stopped half-way/);
  });

  test('in a number that a run has taken before it was killed', async () => {
    using folder = temporaryFolder();
    await storeMixed(folder.path);
    await rm(join(folder.path, 'mixed/v1'), { recursive: true });
    await rm(join(folder.path, 'mixed', '.crystallize/v1/cells.0.log'));
    const { faults, notes } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/has taken this number/)]);
  });
});

test('locks, caches, temporary files and what was superseded are no faults', async () => {
  using folder = temporaryFolder();
  await storeMixed(folder.path);
  const store = fsStore(folder.path);
  const readers = await (await openRuns({ store }).experiment('mixed').versions())[0]?.hold?.();
  const locks = [await store.lock(lockKey('mixed')), await store.lock(lockKey('mixed', 1))];
  for (const key of [
    'cache/ab/entry',
    'aside/old/file',
    'v1/superseded/1/replicate_0/baseline/fit/model.json',
  ])
    await store.put(`mixed/.crystallize/${key}`, Buffer.from('x'));
  await writeFile(join(folder.path, 'mixed/v0/.crystallize-tmp-1'), 'x');
  await writeFile(join(folder.path, 'notes.txt'), 'not in any experiment');
  expect(await openRuns({ rootDir: folder.path }).verify()).toMatchObject(clean);
  for (const lock of locks) await lock.release();
  await readers?.[Symbol.asyncDispose]();
});

test('damage stays a fault while the version is written, and while others are damaged too', async () => {
  using folder = temporaryFolder();
  await storeMixed(folder.path);
  const model = join(folder.path, 'mixed/v1/replicate_0/double/fit/model.json');
  await writeFile(model, (await readFile(model, 'utf8')).toUpperCase());
  await writeFile(join(folder.path, 'mixed/v1/extra'), 'x');
  await writeFile(join(folder.path, 'mixed/.crystallize/v0/cells.0.log'), 'nothing of a log\n');
  const lock = await fsStore(folder.path).lock(lockKey('mixed', 1));
  const { faults, notes } = await openRuns({ rootDir: folder.path }).verify();
  await lock.release();
  expect(faults.map(({ version, kind }) => [version, kind])).toEqual([
    [0, 'cut-short'],
    [1, 'altered'],
  ]);
  expect(notes.join('\n')).toMatch(/a run writes it while it is verified.*extra/);
});

test.each([
  ['its lock', 'get', 'mixed/.crystallize/v1/lock'],
  ['its claim', 'get', 'mixed/.crystallize/v1/run.json'],
  ['its log', 'readLog', 'mixed/.crystallize/v1/cells.0.log'],
  ['an artifact', 'stream', 'mixed/v1/replicate_0/baseline/fit/model.json'],
] as const)(
  'a store that fails for %s of one version hides nothing of the others',
  async (_title, method, failing) => {
    using folder = temporaryFolder();
    await storeMixed(folder.path);
    await mixed(versioned(folder.path)).run();
    await rm(join(folder.path, 'mixed/v2/_manifest.json'));
    const whole = fsStore(folder.path);
    const store = new Proxy(whole, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (key: string, ...rest: readonly unknown[]) => {
          if (name === method && key === failing) throw new StorageError(`EIO: ${key}`);
          return Reflect.apply(value, target, [key, ...rest]);
        };
      },
    });
    const { faults, artifacts } = await openRuns({ store }).verify();
    expect(faults.map(({ kind, version }) => [kind, version])).toEqual([
      ['unreadable', 1],
      ['missing', 2],
    ]);
    expect(faults[0]?.message).toContain(`EIO: ${failing}`);
    expect(artifacts).toBeGreaterThanOrEqual(36);
  },
);

test('a version of a newer format can not be read, and says so', async () => {
  using folder = temporaryFolder();
  await storeMixed(folder.path);
  const store = fsStore(folder.path);
  const claim = Buffer.from((await store.get(claimKey('mixed', 0))) ?? []).toString();
  await store.put(claimKey('mixed', 0), Buffer.from(claim.replace('"format": 1', '"format": 99')));
  const json = JSON.stringify({ type: 'session', format: 99, session: 0 });
  const line = `${json.length} ${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
  await rm(join(folder.path, cellLogKey('mixed', 0, 0)));
  await store.put(cellLogKey('mixed', 0, 0), Buffer.from(line));
  const { faults } = await openRuns({ rootDir: folder.path }).verify();
  expect(faults.map(({ kind, version }) => [kind, version])).toEqual([
    ['unreadable', 0],
    ['unreadable', 0],
  ]);
  for (const { message } of faults) expect(message).toMatch(/has the format 99.*Update @crystallize\/core/);
});

describe('a run of Python', () => {
  test('is clean as recorded, and a note says that no hash exists', async () => {
    const { faults, notes, versions, artifacts } = await openRuns({ rootDir: python }).verify();
    expect({ faults, versions, artifacts }).toEqual({ faults: [], versions: 2, artifacts: 0 });
    expect(notes).toEqual([
      expect.stringMatching(/v0: .*no sha256/),
      expect.stringMatching(/v1: .*no sha256/),
    ]);
  });

  test.each([
    ['metadata.json', '{"replicates": 3', 'unreadable', 'metadata.json'],
    ['_manifest.json', '{"data.json": "Nobody"}', 'inconsistent', '_manifest.json'],
    ['half/results.json', '{"metrics": {"total": [2]}}', 'inconsistent', 'half/.crystallize_complete'],
    ['half/results.json', '', 'inconsistent', 'half/.crystallize_complete'],
    ['half/results.json', '{"metrics": [', 'unreadable', 'half/results.json'],
  ])('whose %s is %j has a fault', async (file, text, kind, path) => {
    using folder = temporaryFolder();
    await cp(python, folder.path, { recursive: true });
    const place = join(folder.path, 'python-producer/v0', file);
    if (text === '') await rename(place, `${place}.gone`);
    else await writeFile(place, text);
    const { faults } = await openRuns({ rootDir: folder.path }).verify();
    expect(faults).toMatchObject([{ kind, version: 0, path: join(folder.path, 'python-producer/v0', path) }]);
  });
});

test('what was found of a version is told, also when the store fails before all is looked at', async () => {
  using folder = temporaryFolder();
  await cp(python, folder.path, { recursive: true });
  await writeFile(join(folder.path, 'python-producer/v0/metadata.json'), '{');
  const whole = fsStore(folder.path);
  const store = new Proxy(whole, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (key: string, ...rest: readonly unknown[]) => {
        if (name === 'children' && key === 'python-producer/v0') throw new StorageError(`EIO: ${key}`);
        return Reflect.apply(value, target, [key, ...rest]);
      };
    },
  });
  const { faults } = await openRuns({ store }).verify();
  expect(faults.map(({ version, message }) => [version, message])).toEqual([
    [0, expect.stringContaining('not the JSON')],
    [0, 'EIO: python-producer/v0'],
  ]);
});

test('one experiment or one version is verified alone, and what is not there is an error', async () => {
  using folder = temporaryFolder();
  await storeMixed(folder.path);
  await scaling(new ArtifactPlugin({ rootDir: folder.path })).run();
  const runs = openRuns({ rootDir: folder.path });
  expect(await runs.verify()).toMatchObject({ experiments: 2, versions: 3, location: runs.location });
  expect(await runs.verify({ experiment: 'mixed' })).toMatchObject({ experiments: 1, versions: 2 });
  expect(await runs.verify({ version: 1 })).toMatchObject({ experiments: 1, versions: 1 });
  await expect(runs.verify({ experiment: 'fixed' })).rejects.toThrow(ArtifactNotFoundError);
  await expect(runs.verify({ experiment: 'mixed', version: 7 })).rejects.toThrow(
    /no version 7 of the experiment/,
  );
  await expect(runs.verify({ experiment: '../x' })).rejects.toThrow(UnsafeNameError);
  expect(await openRuns({ rootDir: join(folder.path, 'none') }).verify()).toMatchObject({
    versions: 0,
    ...clean,
  });
  expect(Object.keys(await readTree(folder.path)).some((path) => path.includes('tmp'))).toBe(false);
});
