import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, fsStore, memoryStore, openRuns } from '@crystallize/artifacts';
import { StorageError } from '@crystallize/core';
import { metadataKey } from '@crystallize/core/storage';
import { expect, test } from 'vitest';
import { scaling } from './scaling.ts';
import { tempFolder } from './temp-folder.ts';
import { listTree } from './tree.ts';
import { watchedStore } from './watched-store.ts';

test.each(['once', 'for good'])(
  'storage that fails %s, at any operation, stops the run with its error',
  async (how) => {
    for (let operations = 0; ; operations++) {
      const store = memoryStore();
      let left = operations;
      let failures = 0;
      const failing = watchedStore(store, (operation, key) => {
        if (left-- > 0 || (how === 'once' && failures > 0)) return;
        failures++;
        throw new StorageError(`The disk is full: ${operation} of ${key}.`);
      });
      const acknowledged: string[] = [];
      const run = scaling(new ArtifactPlugin({ store: failing, versioned: true })).run({
        onEvent: (event) =>
          event.type === 'cell:end' && acknowledged.push(`${event.cell.replicate} ${event.cell.condition}`),
      });
      const error = await run.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      await failing.releaseAll();
      if (failures === 0) {
        expect(error).toBeUndefined();
        expect(operations).toBeGreaterThan(15);
        return;
      }
      expect(error).toBeInstanceOf(StorageError);
      expect((error as StorageError).message).toContain('The disk is full');
      const [version] = await openRuns({ store }).experiment('scaling').versions();
      const stored = ((await version?.cells()) ?? []).map(
        ({ replicate, condition }) => `${replicate} ${condition}`,
      );
      expect(stored).toEqual(expect.arrayContaining(acknowledged));
      // Metadata comes last: where it is, all is there, and it was the lock that could not be released.
      if (version?.finished) expect(stored).toHaveLength(4);
      for (const artifact of (await version?.artifacts()) ?? []) await artifact.bytes();
      await expect(scaling(new ArtifactPlugin({ store, versioned: true })).run()).resolves.toMatchObject({
        status: 'done',
      });
    }
  },
);

test('the error of an artifact that can not be stored names it', async () => {
  const store = memoryStore();
  const failing = watchedStore(store, (_, key) => {
    if (key.endsWith('replicate_1/double/scale/data.json')) throw new StorageError('The disk is full.');
  });
  const run = scaling(new ArtifactPlugin({ store: failing })).run();
  await expect(run).rejects.toThrow(
    "The artifact 'data.json' of the step 'scale' (replicate 1 of 'double') could not be stored: The disk is full.",
  );
  expect(await store.size(metadataKey('scaling', 0))).toBeUndefined();
});

test('a lock that was lost stops the run before anything more is committed', async () => {
  const store = memoryStore();
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  const losing = watchedStore(store, () => undefined);
  const lock = losing.lock.bind(losing);
  losing.lock = async (key) => ({ ...(await lock(key)), lost });
  const run = scaling(new ArtifactPlugin({ store: losing }), { replicates: 5 }).run({
    onEvent: (event) =>
      event.type === 'cell:end' && event.ended === 2 && lose(new StorageError('The lock was lost.')),
  });
  await expect(run).rejects.toThrow('The lock was lost.');
  const [version] = await openRuns({ store }).experiment('scaling').versions();
  expect(version?.finished).toBe(false);
  expect((await version?.cells())?.length).toBeLessThan(10);
});

test('a folder that may not be written is refused with what to do', async (context) => {
  if (process.getuid?.() === 0 && !has('setpriv'))
    return context.skip('root may write anywhere, and setpriv is missing');
  await using folder = await tempFolder();
  await chmod(folder.path, 0o555);
  const script = fileURLToPath(new URL('children/run-once.ts', import.meta.url));
  const node = [process.execPath, '--conditions=crystallize-source', script, folder.path, 'versioned'];
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...node];
  const [command = '', ...args] = process.getuid?.() === 0 ? asNobody : node;
  const stdout = execFileSync(command, args, { input: 'go\n', encoding: 'utf8' });
  expect(stdout).toBe('ready\nSTORAGE_FAILED');
  expect(await listTree(folder.path)).toEqual([]);
});

test('a disk that fills up stops the run, with nothing half-written and no metadata', async (context) => {
  await using folder = await tempFolder();
  if (!mountSmall(folder.path)) return context.skip('a small file system can not be mounted here');
  try {
    const store = fsStore(folder.path);
    const run = scaling(new ArtifactPlugin({ store }), { replicates: 5000 }).run();
    await expect(run).rejects.toBeInstanceOf(StorageError);
    await expect(run).rejects.toThrow(/disk|space|ENOSPC/i);
    const [version] = await openRuns({ rootDir: folder.path }).experiment('scaling').versions();
    expect(version?.finished).toBe(false);
    const artifacts = (await version?.artifacts()) ?? [];
    expect(artifacts.length).toBeGreaterThan(0);
    for (const artifact of artifacts) await artifact.bytes();
    const files = await listTree(join(folder.path, 'scaling/v0'));
    expect(files.filter((path) => !path.startsWith('replicate_'))).toEqual([]);
  } finally {
    execFileSync('umount', [folder.path]);
  }
});

function mountSmall(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
