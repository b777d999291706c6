import { ArtifactPlugin, type ArtifactStore, fsStore, memoryStore, openRuns } from '@crystallize/artifacts';
import { RunLockedError, StorageError } from '@crystallize/core';
import { expect, test } from 'vitest';
import { scaling } from './scaling.ts';
import { snapshot } from './snapshot.ts';
import { tempFolder } from './temp-folder.ts';
import { watchedStore } from './watched-store.ts';

const artifactOf = (replicate: number) => `scaling/v0/replicate_${replicate}/baseline/scale/data.json`;

test('an unversioned run with fewer replicates leaves nothing of the run before', async () => {
  const store = memoryStore();
  const plugin = new ArtifactPlugin({ store });
  await scaling(plugin, { replicates: 3 }).run();
  const { version } = await scaling(plugin, { replicates: 1 }).run();
  expect(version).toBe(0);
  const keys = Object.keys(await snapshot(store, 'scaling'));
  expect(keys.filter((key) => !key.includes('.crystallize/'))).toEqual([
    'scaling/v0/_manifest.json',
    'scaling/v0/baseline/.crystallize_complete',
    'scaling/v0/baseline/results.json',
    'scaling/v0/double/.crystallize_complete',
    'scaling/v0/double/results.json',
    'scaling/v0/metadata.json',
    artifactOf(0),
    'scaling/v0/replicate_0/double/scale/data.json',
  ]);
  expect(keys.filter((key) => key.includes('/aside/'))).toEqual([]);
  const [saved] = await openRuns({ store }).experiment('scaling').versions();
  expect(await saved?.cells()).toHaveLength(2);
});

test('until the first commit of a new run, a reader finds the older one whole', async () => {
  const store = memoryStore();
  await scaling(new ArtifactPlugin({ store })).run();
  const before = await readable(store);
  const seen: unknown[] = [];
  const watching = watchedStore(store, async (operation, key) => {
    // The first cell's artifact, before its commit, and everything else until the older run moves.
    if (operation === 'put' && key.endsWith('data.json')) seen.push(await readable(store));
  });
  await scaling(new ArtifactPlugin({ store: watching }), { replicates: 1 }).run();
  expect(seen[0]).toEqual(before);
  expect(await readable(store)).not.toEqual(before);
});

test('a run that commits nothing leaves the older run as it was', async () => {
  const store = memoryStore();
  const plugin = new ArtifactPlugin({ store });
  await scaling(plugin).run();
  const before = await snapshot(store, 'scaling');
  await runNothing(plugin);
  expect(await snapshot(store, 'scaling')).toEqual(before);
});

test('a run whose first commit fails gives the older run back', async () => {
  const store = memoryStore();
  await scaling(new ArtifactPlugin({ store })).run();
  const before = await snapshot(store, 'scaling');
  let appends = 0;
  const failing = watchedStore(store, (operation) => {
    if (operation === 'append' && ++appends === 2) throw new StorageError('The disk is full.');
  });
  await expect(scaling(new ArtifactPlugin({ store: failing })).run()).rejects.toThrow('The disk is full.');
  expect(appends).toBeGreaterThanOrEqual(2);
  expect(await snapshot(store, 'scaling')).toEqual(before);
});

test('a second unversioned run is refused while the first goes on', async () => {
  const store = memoryStore();
  const refused = Promise.withResolvers<unknown>();
  const slow = watchedStore(store, async (operation, key) => {
    if (operation === 'put' && key.endsWith('data.json')) await refused.promise;
  });
  const first = scaling(new ArtifactPlugin({ store: slow })).run({
    onEvent(event) {
      if (event.type !== 'run:start') return;
      const second = scaling(new ArtifactPlugin({ store })).run();
      void second.catch((error: unknown) => error).then(refused.resolve);
    },
  });
  expect(await refused.promise).toBeInstanceOf(RunLockedError);
  await expect(first).resolves.toMatchObject({ status: 'done' });
  await expect(scaling(new ArtifactPlugin({ store })).run()).resolves.toMatchObject({ status: 'done' });
});

test('an unversioned run beside newer versions says who is read as the newest', async () => {
  const store = memoryStore();
  const versioned = scaling(new ArtifactPlugin({ store, versioned: true }));
  await versioned.run();
  await versioned.run();
  const result = await scaling(new ArtifactPlugin({ store })).run();
  expect(result.version).toBe(0);
  expect(result.warnings).toEqual([expect.stringMatching(/v1/)]);
});

test.each(['memory', 'files'])(
  'wherever a run dies that replaces another (%s), one of the two is there',
  async (kind) => {
    for (let operations = 0; ; operations++) {
      await using folder = await tempFolder();
      const store = kind === 'memory' ? memoryStore() : fsStore(folder.path, { durability: 'process' });
      await scaling(new ArtifactPlugin({ store }), { replicates: 2 }).run();
      const older = await snapshot(store, 'scaling');

      let left = operations;
      const mortal = watchedStore(store, () => {
        if (left-- <= 0) throw new StorageError('The process has died.');
      });
      const acknowledged: number[] = [];
      const died = await scaling(new ArtifactPlugin({ store: mortal }), { replicates: 1 })
        .run({ onEvent: (event) => event.type === 'cell:end' && acknowledged.push(event.cell.replicate) })
        .then(
          () => false,
          () => true,
        );
      await mortal.releaseAll();
      if (!died) {
        expect(operations).toBeGreaterThan(10);
        return;
      }

      // The next run settles what was left, even one that does nothing itself.
      await runNothing(new ArtifactPlugin({ store }));
      const settled = await snapshot(store, 'scaling');
      expect(Object.keys(settled).filter((key) => key.includes('/aside/'))).toEqual([]);
      const [saved] = await openRuns({ store }).experiment('scaling').versions();
      const isOlder = settled[artifactOf(1)] !== undefined;
      if (isOlder) expect(settled).toEqual(older);
      else expect((await saved?.cells())?.length).toBeGreaterThanOrEqual(Math.max(1, acknowledged.length));
      if (acknowledged.length > 0) expect(isOlder).toBe(false);
      for (const artifact of (await saved?.artifacts()) ?? []) await artifact.bytes();

      const result = await scaling(new ArtifactPlugin({ store }), { replicates: 1 }).run();
      expect(result.status).toBe('done');
      expect(await snapshot(store, 'scaling/v0')).not.toHaveProperty([artifactOf(1)]);
    }
  },
);

test('a versioned run settles what a killed unversioned one has left', async () => {
  const store = memoryStore();
  await scaling(new ArtifactPlugin({ store })).run();
  const older = await snapshot(store, 'scaling/v0');
  let moved = 0;
  let died = false;
  const mortal = watchedStore(store, (operation) => {
    if (operation === 'moveAll') moved++;
    // Both halves of the older run are aside, and its number looks free.
    died ||= moved === 2 && operation !== 'moveAll';
    if (died) throw new StorageError('The process has died.');
  });
  await expect(scaling(new ArtifactPlugin({ store: mortal })).run()).rejects.toThrow('died');
  await mortal.releaseAll();
  expect(await snapshot(store, 'scaling/v0')).toEqual({});
  expect(await openRuns({ store }).experiment('scaling').versions()).toEqual([]);
  const { version } = await scaling(new ArtifactPlugin({ store, versioned: true })).run();
  expect(version).toBe(1);
  expect(await snapshot(store, 'scaling/v0')).toEqual(older);
});

/** A run that is aborted before its first cell. */
async function runNothing(plugin: ArtifactPlugin): Promise<void> {
  const controller = new AbortController();
  const run = scaling(plugin).run({
    signal: controller.signal,
    onEvent: (event) => event.type === 'run:start' && controller.abort(new Error('no cell is wanted')),
  });
  await expect(run).rejects.toThrow('no cell is wanted');
}

/** What a reader gets of the one version. */
async function readable(store: ArtifactStore): Promise<unknown> {
  const [version] = await openRuns({ store }).experiment('scaling').versions();
  const texts = await Promise.all(((await version?.artifacts()) ?? []).map((artifact) => artifact.text()));
  return { finished: version?.finished, metrics: await version?.metrics('baseline'), texts };
}
