import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, type ArtifactStore, fsStore, memoryStore, pruneRuns } from '@crystallize/artifacts';
import type { Plugin } from '@crystallize/core';
import {
  lockKey,
  pruningKey,
  readFolder,
  type SavedVersion,
  savedExperiment,
} from '@crystallize/core/storage';
import { describe, expect, test } from 'vitest';
import { readTree } from '../plugin/tree.ts';
import { watchedStore } from '../plugin/watched-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { sized, storeSized } from './sized-runs.ts';

async function versionOf(store: ArtifactStore, version: number): Promise<SavedVersion> {
  const versions = await savedExperiment(store, 'sized').versions();
  return versions.find((one) => one.version === version) as SavedVersion;
}

const stores: readonly (readonly [name: string, open: (folder: string) => ArtifactStore])[] = [
  ['fsStore', (folder) => fsStore(folder, { durability: 'process' })],
  ['memoryStore', () => memoryStore()],
];

describe.each(stores)('with %s, a version', (_name, open) => {
  test('that is read is left alone until its last reader has let go of it', async () => {
    using folder = temporaryFolder();
    const store = open(folder.path);
    await storeSized({ store }, 3);
    const first = await (await versionOf(store, 0)).hold?.();
    const second = await (await versionOf(store, 0)).hold?.();
    const prune = (dryRun: boolean) => pruneRuns({ store, artifactRetention: 1, dryRun });
    const dry = await prune(true);
    expect(dry.versions).toMatchObject([
      { version: 0, artifacts: [], left: expect.stringMatching(/^a run reads it: .*readers/) },
      { version: 1, bytes: 22_200 },
    ]);
    expect(await prune(false)).toEqual({ ...dry, dryRun: false });
    await first?.[Symbol.asyncDispose]();
    expect((await prune(false)).versions).toMatchObject([{ version: 0, left: expect.any(String) }]);
    await second?.[Symbol.asyncDispose]();
    const { versions } = await prune(false);
    expect(versions).toMatchObject([{ version: 0, bytes: 22_200 }]);
    expect(versions[0]).not.toHaveProperty('left');
  });

  test.each([0, 1])('that is written is left alone: v%i', async (version) => {
    using folder = temporaryFolder();
    const store = open(folder.path);
    await storeSized({ store }, 3);
    await using stack = new AsyncDisposableStack();
    const lock = await store.lock(lockKey('sized', version || undefined));
    stack.defer(() => lock.release());
    const { versions } = await pruneRuns({ store, artifactRetention: 1 });
    expect(versions).toHaveLength(2);
    expect(versions.find((one) => one.version === version)?.left).toMatch(/^a run writes it: /);
    expect(versions.find((one) => one.version !== version)?.left).toBeUndefined();
  });

  test('that a reader takes just when it is to be pruned is left alone, and nothing says that it was pruned', async () => {
    using folder = temporaryFolder();
    const store = open(folder.path);
    await storeSized({ store }, 2);
    let held: AsyncDisposable | undefined;
    const watched = watchedStore(store, async (operation, key) => {
      // After the first look for readers, before the second.
      if (operation === 'put' && key === pruningKey('sized', 0))
        held ??= await (await versionOf(store, 0)).hold?.();
    });
    const { versions } = await pruneRuns({ store: watched, artifactRetention: 1 });
    expect(versions).toMatchObject([{ version: 0, artifacts: [], left: expect.stringMatching(/reads it/) }]);
    expect(await (await versionOf(store, 0)).pruned?.()).toBeUndefined();
    for (const file of await (await versionOf(store, 0)).artifacts()) await file.bytes();
    await held?.[Symbol.asyncDispose]();
  });

  test('whose newest session was stopped is left alone, though it had finished before', async () => {
    using folder = temporaryFolder();
    const store = open(folder.path);
    await storeSized({ store }, 2);
    await store.put('sized/v0/metadata.keep', (await store.get('sized/v0/metadata.json')) ?? Buffer.of());
    const stop = new AbortController();
    const plugin = new ArtifactPlugin({ store, versioned: true, artifactRetention: 0 });
    const onEvent = (event: { readonly type: string }) => event.type === 'cell:end' && stop.abort();
    const resumed = sized(plugin).run({
      strategy: 'resume',
      version: 0,
      replicates: 4,
      signal: stop.signal,
      onEvent,
    });
    await expect(resumed).rejects.toThrow();
    // As if it had kept its metadata: then only the records tell.
    await store.put('sized/v0/metadata.json', (await store.get('sized/v0/metadata.keep')) ?? Buffer.of());
    const { versions } = await pruneRuns({ store, artifactRetention: 1 });
    expect(versions).toMatchObject([
      { version: 0, artifacts: [], left: expect.stringMatching(/has not come to its end/) },
    ]);
  });
});

test('a version that another process reads is left alone until that process is gone, however it ends', async () => {
  using folder = temporaryFolder();
  await storeSized({ rootDir: folder.path }, 2);
  const path = fileURLToPath(new URL('reader-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=crystallize-source', path, folder.path, '0']);
  await once(child.stdout, 'data');
  const before = await readTree(join(folder.path, 'sized/v0'));
  const { versions } = await pruneRuns({ rootDir: folder.path, artifactRetention: 1 });
  expect(versions).toMatchObject([{ version: 0, left: expect.stringMatching(`process ${child.pid} `) }]);
  expect(await readTree(join(folder.path, 'sized/v0'))).toEqual(before);
  child.kill('SIGKILL');
  await once(child, 'close');
  const again = await pruneRuns({ rootDir: folder.path, artifactRetention: 1 });
  expect(again).toMatchObject({ artifacts: 4 });
  // What the dead reader has left is gone as well.
  expect(await fsStore(folder.path).children('sized/.crystallize/v0/readers')).toEqual([]);
});

test('a version that is being resumed is left alone, and pruned when it has ended', async () => {
  using folder = temporaryFolder();
  const { path: rootDir } = folder;
  await storeSized({ rootDir }, 2);
  // What the resume does to the metadata is not to decide it.
  const metadata = join(rootDir, 'sized/v0/metadata.json');
  const kept = await readFile(metadata);
  const left: (string | undefined)[] = [];
  const prunes: Plugin = {
    name: 'prunes meanwhile',
    async commitCell() {
      await writeFile(metadata, kept);
      const { versions } = await pruneRuns({ rootDir, artifactRetention: 1 });
      left.push(...versions.map((one) => one.left));
    },
  };
  const plugin = new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 0 });
  await sized(plugin, 'sized', 1, [prunes]).run({ strategy: 'resume', version: 0, replicates: 2 });
  expect(left).toHaveLength(2);
  for (const reason of left) expect(reason).toMatch(/not come to its end|a run writes it/);
  expect(await pruneRuns({ rootDir, artifactRetention: 1 })).toMatchObject({ artifacts: 8 });
});

test('a store that can only be read holds nothing', async () => {
  using folder = temporaryFolder();
  await storeSized({ rootDir: folder.path }, 1);
  const [version] = await savedExperiment(readFolder(folder.path), 'sized').versions();
  expect(version?.hold).toBeUndefined();
});
