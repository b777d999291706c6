import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, memoryStore, openRuns, pruneRuns } from '@crystallize/artifacts';
import { type Result, ResumeUnsupportedError, RunLockedError, treatment } from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../plugin/temp-folder.ts';
import { listTree, readTree } from '../plugin/tree.ts';
import { counted, failingIn, total } from './counted.ts';

const rows = (result: Result) => result.rows();
const versionsOf = async (rootDir: string) =>
  (await openRuns({ rootDir }).experiment('counted').versions()).map(({ version }) => version);

/** Everything of a version that does not tell times or sessions. */
async function contentOf(dir: string): Promise<Record<string, string>> {
  const { 'metadata.json': metadata, ...files } = await readTree(dir);
  const { replicates, id, conditions, status } = JSON.parse(metadata ?? '{}') as Record<string, unknown>;
  return { ...files, 'metadata.json': JSON.stringify({ replicates, id, conditions, status }) };
}

describe.each([
  ['versioned', true],
  ['unversioned', false],
])('a run that is resumed (%s)', (_, versioned) => {
  it('restores every finished cell and runs only the others, to the same end', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const { experiment, began, abortAfter } = counted({ plugin });
    const abort = abortAfter(3);
    await expect(experiment.run(abort.options)).rejects.toBe(abort.reason);
    const first = [...began];
    began.length = 0;
    const resumed = await experiment.run({ strategy: 'resume' });
    expect(began.filter((cell) => first.slice(0, 3).includes(cell))).toEqual([]);
    expect(began.length).toBe(resumed.executed);
    expect([resumed.version, resumed.status]).toEqual([0, 'done']);
    expect(resumed.executed + resumed.restored).toBe(6);
    expect(resumed.restored).toBeGreaterThanOrEqual(3);
    await using other = await tempFolder();
    const whole = counted({ plugin: new ArtifactPlugin({ rootDir: other.path, versioned }) });
    const uninterrupted = await whole.experiment.run();
    expect(rows(resumed)).toEqual(rows(uninterrupted));
    expect(resumed.baseline.seeds).toEqual(uninterrupted.baseline.seeds);
    expect(resumed.baseline.cells.map(({ metrics }) => metrics)).toEqual(
      uninterrupted.baseline.cells.map(({ metrics }) => metrics),
    );
    expect(await contentOf(resumed.dir ?? '')).toEqual(await contentOf(uninterrupted.dir ?? ''));
    const restored = resumed.artifact(total, { condition: 'baseline', replicate: 0 });
    expect(await restored?.load()).toBe(await uninterrupted.artifact(total, { replicate: 0 })?.load());
  });

  it('that is complete runs nothing and leaves no trace', async () => {
    await using folder = await tempFolder();
    const { experiment, began } = counted({
      plugin: new ArtifactPlugin({ rootDir: folder.path, versioned }),
    });
    const result = await experiment.run();
    began.length = 0;
    const before = await readTree(folder.path);
    const resumed = await experiment.run({ strategy: 'resume' });
    expect([resumed.executed, resumed.restored, began]).toEqual([0, 6, []]);
    expect(rows(resumed)).toEqual(rows(result));
    expect(await readTree(folder.path)).toEqual(before);
  });

  it('adds just the cells of more replicates and further treatments', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    await counted({ plugin, replicates: 2 }).experiment.run();
    const treatments = [treatment('double', { by: 2 }), treatment('triple', { by: 3 })];
    const { experiment, began } = counted({ plugin, replicates: 3, treatments });
    const resumed = await experiment.run({ strategy: 'resume' });
    expect(began.toSorted()).toEqual(['0 triple', '1 triple', '2 baseline', '2 double', '2 triple']);
    expect([resumed.executed, resumed.restored]).toEqual([5, 4]);
    const whole = await counted({
      plugin: new ArtifactPlugin({ store: memoryStore() }),
      replicates: 3,
      treatments,
    }).experiment.run();
    expect(rows(resumed)).toEqual(rows(whole));
    expect(Object.keys(resumed.treatments)).toEqual(['double', 'triple']);
    expect(JSON.parse(await readFile(join(resumed.dir ?? '', 'metadata.json'), 'utf8'))).toMatchObject({
      replicates: 3,
    });
  });

  it('removes nothing when less is asked for', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const { experiment } = counted({ plugin });
    const { dir = '' } = await experiment.run();
    const before = await listTree(dir);
    const resumed = await experiment.run({ strategy: 'resume', replicates: 2, treatments: [] });
    expect([resumed.executed, resumed.restored, resumed.replicates]).toEqual([0, 2, 2]);
    expect(await listTree(dir)).toEqual(before);
    const narrow = [treatment('half', { by: 0.5 })];
    const added = await experiment.run({ strategy: 'resume', replicates: 2, treatments: narrow });
    expect([added.executed, added.restored]).toEqual([2, 2]);
    const results = JSON.parse(await readFile(join(dir, 'baseline/results.json'), 'utf8')) as {
      metrics: Record<string, unknown[]>;
    };
    expect(results.metrics['total']).toHaveLength(3);
    const again = await experiment.run({ strategy: 'resume' });
    expect([again.executed, again.restored]).toEqual([0, 6]);
  });

  it('runs failed cells again, their old files and records set aside', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const bad = new Set(['1 double']);
    const { experiment, began } = counted({ plugin, inCell: failingIn(bad) });
    const first = await experiment.run();
    expect(first.status).toBe('failed');
    const dir = first.dir ?? '';
    expect(existsSync(join(dir, 'double/.crystallize_complete'))).toBe(false);
    began.length = 0;
    bad.clear();
    const resumed = await experiment.run({ strategy: 'resume' });
    expect([began, resumed.status, resumed.executed, resumed.restored]).toEqual([['1 double'], 'done', 1, 5]);
    expect(existsSync(join(dir, 'double/.crystallize_complete'))).toBe(true);
    const version = (await openRuns({ rootDir: folder.path }).experiment('counted').versions())[0];
    expect((await version?.cells())?.map(({ status }) => status)).toEqual(Array(6).fill('done'));
  });

  it('runs a cell again whose artifact is gone, unless retention has removed it', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned, artifactRetention: 0 });
    const { experiment, began } = counted({ plugin });
    const { dir = '' } = await experiment.run();
    await rm(join(dir, 'replicate_1/double/add/total.json'));
    began.length = 0;
    expect((await experiment.explain()).cells.find(({ action }) => action === 'run')?.reason).toMatch(
      /its artifact 'total.json' of the step 'add' is missing/,
    );
    const resumed = await experiment.run({ strategy: 'resume' });
    expect([began, resumed.restored]).toEqual([['1 double'], 5]);
    if (!versioned) return;
    await experiment.run();
    await pruneRuns({ rootDir: folder.path, artifactRetention: 1 });
    expect((await experiment.run({ strategy: 'resume', version: 0 })).restored).toBe(6);
  });

  it('that failed cells only goes on all the same', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const bad = new Set(['0 baseline', '0 double']);
    const { experiment } = counted({ plugin, replicates: 1, inCell: failingIn(bad) });
    await experiment.run();
    bad.clear();
    const resumed = await experiment.run({ strategy: 'resume' });
    expect([resumed.version, resumed.status, resumed.executed]).toEqual([0, 'done', 2]);
  });

  it('without anything stored begins anew', async () => {
    await using folder = await tempFolder();
    const { experiment } = counted({ plugin: new ArtifactPlugin({ rootDir: folder.path, versioned }) });
    const result = await experiment.run({ strategy: 'resume' });
    expect([result.version, result.executed, result.restored]).toEqual([0, 6, 0]);
  });

  it('keeps the seed that was drawn', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const { experiment, abortAfter } = counted({ plugin, seed: undefined });
    const abort = abortAfter(2);
    await expect(experiment.run(abort.options)).rejects.toBe(abort.reason);
    const resumed = await experiment.run({ strategy: 'resume' });
    const again = await experiment.run({ strategy: 'resume' });
    expect(again.seed).toBe(resumed.seed);
    expect(resumed.baseline.seeds).toEqual(resumed.treatments['double']?.seeds);
  });

  it('goes on again after another abort, and again', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const { experiment, began, abortAfter } = counted({ plugin, replicates: 4 });
    for (const [round, strategy] of (['rerun', 'resume', 'resume'] as const).entries()) {
      const abort = abortAfter(2);
      await expect(experiment.run({ strategy, ...abort.options }), `round ${round}`).rejects.toBe(
        abort.reason,
      );
    }
    const last = await experiment.run({ strategy: 'resume' });
    expect(last.restored).toBeGreaterThanOrEqual(6);
    expect(new Set(began).size).toBe(8);
    const done = began.filter((cell, index) => began.indexOf(cell) !== index);
    expect(done.length).toBeLessThanOrEqual(3);
  });

  it('is refused while another run writes it', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const { experiment } = counted({
      plugin,
      inCell: async ({ replicate }) => {
        if (replicate !== 1) return;
        reached.resolve();
        await gate.promise;
      },
    });
    const running = experiment.run();
    await reached.promise;
    await expect(experiment.run({ strategy: 'resume' })).rejects.toBeInstanceOf(RunLockedError);
    gate.resolve();
    expect((await running).status).toBe('done');
    expect((await experiment.run({ strategy: 'resume' })).restored).toBe(6);
  });
});

describe('the version that is resumed', () => {
  it('is the newest with a finished cell, whatever crashed after it', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned: true });
    await counted({ plugin }).experiment.run();
    const abort = new AbortController();
    const onEvent = () => abort.abort(new Error('at once'));
    await expect(counted({ plugin }).experiment.run({ signal: abort.signal, onEvent })).rejects.toThrow(
      'at once',
    );
    const bad = new Set(['0 baseline', '0 double', '1 baseline', '1 double', '2 baseline', '2 double']);
    await counted({ plugin, inCell: failingIn(bad) }).experiment.run();
    const resumed = await counted({ plugin }).experiment.run({ strategy: 'resume' });
    expect([resumed.version, resumed.restored, resumed.executed]).toEqual([0, 6, 0]);
    expect(await versionsOf(folder.path)).toEqual([0, 1, 2]);
  });

  it('can be chosen', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned: true });
    const { experiment } = counted({ plugin });
    await experiment.run();
    await experiment.run();
    const resumed = await experiment.run({ strategy: 'resume', version: 0, replicates: 4 });
    expect([resumed.version, resumed.executed]).toEqual([0, 2]);
    await expect(experiment.run({ strategy: 'resume', version: 7 })).rejects.toThrow(
      /There is no v7 of 'counted' to go on with. There are: v0, v1/,
    );
    expect((await experiment.run({ strategy: 'resume' })).version).toBe(1);
  });

  it('needs a plugin that restores', async () => {
    const { experiment } = counted({ plugin: { name: 'idle' } });
    await expect(experiment.run({ strategy: 'resume' })).rejects.toBeInstanceOf(ResumeUnsupportedError);
    await expect(experiment.explain()).rejects.toBeInstanceOf(ResumeUnsupportedError);
  });
});

describe('what a superseded cell has left', () => {
  it('is moved aside, never replaced in place', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    const first = await counted({ plugin }).experiment.run();
    const old = await readTree(join(first.dir ?? '', 'replicate_1/double'));
    const changed = counted({ plugin, treatments: [treatment('double', { by: 20 })] });
    const resumed = await changed.experiment.run({ strategy: 'resume' });
    expect(changed.began.toSorted()).toEqual(['0 double', '1 double', '2 double']);
    expect([resumed.executed, resumed.restored]).toEqual([3, 3]);
    const aside = join(folder.path, 'counted/.crystallize/v0/superseded/1/replicate_1/double');
    expect(await readTree(aside)).toEqual(old);
    expect(await readdir(join(folder.path, 'counted/.crystallize/v0'))).toContain('cells.1.log');
    // Going back makes these cells stale once more.
    const back = await counted({ plugin }).experiment.run({ strategy: 'resume' });
    expect(back.executed).toBe(3);
    expect(rows(back)).toEqual(rows(first));
  });
});
