import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { CorruptArtifactError, datasource, Experiment, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { data, scaling } from './scaling.ts';
import { tempFolder } from './temp-folder.ts';

test('artifacts of a result and of a stored run read back as they were written', async () => {
  await using folder = await tempFolder();
  const result = await scaling(new ArtifactPlugin({ rootDir: folder.path })).run();
  expect(await result.artifact(data, { condition: 'double', replicate: 1 })?.load()).toEqual({ value: 4 });
  const [version] = await openRuns({ rootDir: folder.path }).experiment('scaling').versions();
  const file = await version?.artifact({ replicate: 1, condition: 'double', name: 'data.json' });
  expect(await file?.json()).toEqual({ value: 4 });
  expect(await file?.path()).toBe(join(result.dir ?? '', 'replicate_1/double/scale/data.json'));
});

test.each(['flipped', 'cut short', 'longer'])(
  'an artifact that is %s is corrupt, never returned',
  async (damage) => {
    await using folder = await tempFolder();
    const result = await scaling(new ArtifactPlugin({ rootDir: folder.path })).run();
    const path = join(result.dir ?? '', 'replicate_0/baseline/scale/data.json');
    const bytes = await readFile(path);
    if (damage === 'flipped') bytes[3] = (bytes[3] ?? 0) ^ 1;
    await writeFile(
      path,
      damage === 'cut short'
        ? bytes.subarray(1)
        : damage === 'longer'
          ? Buffer.concat([bytes, bytes])
          : bytes,
    );

    const query = { condition: 'baseline', replicate: 0 };
    await expect(result.artifact(data, query)?.load()).rejects.toBeInstanceOf(CorruptArtifactError);
    const [version] = await openRuns({ rootDir: folder.path }).experiment('scaling').versions();
    const file = await version?.artifact({ ...query, name: 'data.json' });
    await expect(file?.bytes()).rejects.toBeInstanceOf(CorruptArtifactError);
    await expect(file?.path()).rejects.toBeInstanceOf(CorruptArtifactError);
  },
);

test('every metric value reads back exactly, whatever JSON can hold of it', async () => {
  await using folder = await tempFolder();
  const values: Record<string, unknown> = {
    nan: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    minusZero: -0,
    big: 2n ** 70n,
    date: new Date(1234),
    map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1n])]]),
    typed: new Float32Array([1.5, Number.NaN, -0]),
    nested: { list: [undefined, null, 'ü', { deep: [Number.NEGATIVE_INFINITY] }] },
  };
  const record = pipelineStep({
    name: 'record',
    run(input: number, ctx) {
      for (const [metric, value] of Object.entries(values)) ctx.record(metric, value);
      return input;
    },
  });
  const experiment = new Experiment({
    name: 'values',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [record()],
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    replicates: 2,
    seed: 1,
  });
  const result = await experiment.run();
  expect(result.warnings).toEqual([]);
  const [version] = await openRuns({ rootDir: folder.path }).experiment('values').versions();
  const metrics = await version?.metrics('baseline');
  for (const [metric, value] of Object.entries(values))
    expect(metrics?.[metric]).toStrictEqual([value, value]);
  expect(Object.is(metrics?.['minusZero']?.[0], -0)).toBe(true);
  const results = JSON.parse(await readFile(join(result.dir ?? '', 'baseline/results.json'), 'utf8')) as {
    readonly metrics: Record<string, unknown>;
  };
  expect(results.metrics).toMatchObject({ nan: [null, null], infinity: [null, null] });
});
