import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { ResumeUnsupportedError, treatment } from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../plugin/temp-folder.ts';
import { readTree } from '../plugin/tree.ts';
import { counted, failingIn } from './counted.ts';

const treatments = ['double', 'triple'].map((name, index) => treatment(name, { by: index + 2 }));

/** What the metadata of v0 says that there is, and what verification finds wrong. */
async function extent(rootDir: string): Promise<object> {
  const [v0] = await openRuns({ rootDir }).experiment('counted').versions();
  const metadata = await v0?.metadata();
  const { faults } = await openRuns({ rootDir }).verify();
  return { replicates: metadata?.replicates, conditions: metadata?.['conditions'], faults };
}

describe('metadata.json after a resume says as much as was asked for in all', () => {
  it.each([true, false])('when fewer replicates were asked for (versioned: %s)', async (versioned) => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned });
    const all = { replicates: 4, conditions: ['baseline', 'double', 'triple'], faults: [] };
    await counted({
      plugin,
      treatments,
      replicates: 4,
      inCell: failingIn(new Set(['0 double'])),
    }).experiment.run();
    await counted({ plugin, treatments, replicates: 2 }).experiment.run({ strategy: 'resume' });
    expect(await extent(folder.path)).toEqual(all);
    // Killed before it wrote them: the next resume has nothing to do but that.
    await rm(join(folder.path, 'counted/v0/metadata.json'));
    await counted({ plugin, treatments, replicates: 1 }).experiment.run({ strategy: 'resume' });
    expect(await extent(folder.path)).toEqual(all);
  });

  it('when fewer conditions were asked for, also where they have fewer replicates', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    const { experiment } = counted({ plugin, treatments, replicates: 2 });
    await experiment.run();
    await experiment.run({ strategy: 'resume', treatments: ['triple'], replicates: 3 });
    expect(await extent(folder.path)).toEqual({
      replicates: 3,
      conditions: ['baseline', 'triple', 'double'],
      faults: [],
    });
  });

  it('where the cells beyond what is asked for now count no more', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    const by = (value: number) => [treatment('double', { by: value })];
    await counted({ plugin, treatments: by(2), replicates: 3 }).experiment.run();
    await counted({ plugin, treatments: by(4), replicates: 2 }).experiment.run({ strategy: 'resume' });
    expect(await extent(folder.path)).toEqual({
      replicates: 2,
      conditions: ['baseline', 'double'],
      faults: [],
    });
  });

  it.each(['aborted', 'killed'])('but not what a run that was %s has asked for', async (how) => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    const { experiment, abortAfter } = counted({ plugin, treatments, replicates: 2 });
    for (const [session, replicates] of [9, 8].entries()) {
      const stop = abortAfter(1);
      const strategy = session === 0 ? 'rerun' : 'resume';
      await expect(experiment.run({ ...stop.options, strategy, replicates })).rejects.toBe(stop.reason);
      if (how === 'aborted') continue;
      const log = join(folder.path, `counted/.crystallize/v0/cells.${session}.log`);
      const lines = (await readFile(log, 'utf8')).split('\n');
      expect(lines.at(-2)).toContain('"end"');
      await writeFile(log, `${lines.slice(0, -2).join('\n')}\n`);
    }
    await experiment.run({ strategy: 'resume' });
    expect(await extent(folder.path)).toEqual({
      replicates: 2,
      conditions: ['baseline', 'double', 'triple'],
      faults: [],
    });
  });

  it('but no condition of which no cell counts any more', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    await counted({ plugin, treatments, replicates: 2 }).experiment.run();
    const { experiment } = counted({
      plugin,
      treatments: [treatment('double', { by: 20 }), treatment('triple', { by: 3 })],
      replicates: 3,
    });
    // It ends before a cell of the changed treatment has run again.
    const stop = new AbortController();
    const onEvent = () => stop.abort(new Error('at once'));
    await expect(experiment.run({ strategy: 'resume', signal: stop.signal, onEvent })).rejects.toThrow(
      'at once',
    );
    await experiment.run({ strategy: 'resume', treatments: ['triple'] });
    const [v0] = await openRuns({ rootDir: folder.path }).experiment('counted').versions();
    expect((await v0?.cells())?.filter(({ condition }) => condition === 'double')).toEqual([]);
    expect(await extent(folder.path)).toEqual({
      replicates: 3,
      conditions: ['baseline', 'triple'],
      faults: [],
    });
  });

  it.each([
    ['replicates', /"replicates":4/, '"replicates":3'],
    ['conditions', /,\s*"triple"/, ''],
  ])('and verification tells when its %s are fewer', async (field, found, put) => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    await counted({
      plugin,
      treatments,
      replicates: 4,
      inCell: failingIn(new Set(['0 double'])),
    }).experiment.run();
    await counted({ plugin, treatments, replicates: 2 }).experiment.run({ strategy: 'resume' });
    const path = join(folder.path, 'counted/v0/metadata.json');
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(found);
    await writeFile(path, text.replace(found, put));
    expect(await extent(folder.path)).toMatchObject({
      faults: [{ kind: 'inconsistent', message: expect.stringContaining(`'${field}'`) }],
    });
  });
});

it('a version that holds nothing can not be gone on with, and no other run is started in its stead', async () => {
  await using folder = await tempFolder();
  const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned: true });
  const { experiment, began } = counted({ plugin });
  await experiment.run();
  await experiment.run();
  // Killed before its first word.
  await rm(join(folder.path, 'counted/v1'), { recursive: true });
  await rm(join(folder.path, 'counted/.crystallize/v1/cells.0.log'));
  const before = await readTree(folder.path);
  began.length = 0;
  for (const attempt of [
    () => experiment.run({ strategy: 'resume', version: 1 }),
    () => experiment.explain({ version: 1 }),
  ]) {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResumeUnsupportedError);
    expect((error as Error).message).toMatch(/^v1 of 'counted' holds no cell to go on with/);
  }
  expect(began).toEqual([]);
  expect(await readTree(folder.path)).toEqual(before);
  // The lock was let go of, and without a number the newest that holds cells goes on.
  expect((await experiment.run({ strategy: 'resume' })).version).toBe(0);
});
