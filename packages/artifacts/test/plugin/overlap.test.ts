import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { AsyncExecution } from '@crystallize/core';
import { expect, test } from 'vitest';
import { data, scaling } from './scaling.ts';
import { tempFolder } from './temp-folder.ts';

test('one plugin serves two experiments that run at the same time, and their runs do not mix', async () => {
  await using folder = await tempFolder();
  const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned: true });
  const first = scaling(plugin, { name: 'first', replicates: 4 });
  const second = scaling(plugin, { name: 'second', replicates: 2 });
  await second.run();
  const [a, b] = await Promise.all([first.run(), second.run()]);
  expect([a.version, a.dir]).toEqual([0, join(folder.path, 'first/v0')]);
  expect([b.version, b.dir]).toEqual([1, join(folder.path, 'second/v1')]);
  for (const [result, replicates] of [
    [a, 4],
    [b, 2],
  ] as const) {
    const metadata: unknown = JSON.parse(await readFile(join(result.dir ?? '', 'metadata.json'), 'utf8'));
    expect(metadata).toMatchObject({ replicates, name: result.experiment.name });
    expect(result.artifacts).toHaveLength(replicates * 2);
    expect(await result.artifact(data, { replicate: replicates - 1, condition: 'double' })?.load()).toEqual({
      value: replicates * 2,
    });
  }
});

test('overlapping runs of one experiment keep their replicates, warnings and results apart', async () => {
  await using folder = await tempFolder();
  const experiment = scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true }));
  const results = await Promise.all([1, 4, 2].map((replicates) => experiment.run({ replicates })));
  const versions = await openRuns({ rootDir: folder.path }).experiment('scaling').versions();
  expect(versions).toHaveLength(3);
  for (const result of results) {
    const saved = versions.find(({ version }) => version === result.version);
    expect((await saved?.metadata())?.replicates).toBe(result.replicates);
    expect(await saved?.metrics('double')).toEqual({ ...result.treatments['double']?.metrics });
    expect(await saved?.cells()).toHaveLength(result.replicates * 2);
  }
});

test('cells that end in any order are stored by replicate', async () => {
  await using folder = await tempFolder();
  const plugin = new ArtifactPlugin({ rootDir: folder.path });
  const experiment = scaling(plugin, { replicates: 20, executor: AsyncExecution({ concurrency: 8 }) });
  const result = await experiment.run();
  const results: unknown = JSON.parse(
    await readFile(join(result.dir ?? '', 'baseline/results.json'), 'utf8'),
  );
  expect(results).toEqual({
    metrics: { total: Array.from({ length: 20 }, (_, replicate) => replicate + 1) },
  });
});
