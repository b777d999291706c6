import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep, treatment } from '@crystallize/core';
import { expect, test, vi } from 'vitest';
import { scaling } from './scaling.ts';
import { tempFolder } from './temp-folder.ts';
import { readTree } from './tree.ts';

test('a run is kept under its name in the documented layout, and nothing else lies beside it', async () => {
  await using folder = await tempFolder();
  const experiment = scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true }));
  const result = await experiment.run();

  const tree = await readTree(join(folder.path, 'scaling'));
  const { 'v0/metadata.json': metadata, ...files } = Object.fromEntries(
    Object.entries(tree).filter(([path]) => !path.startsWith('.crystallize/')),
  );
  expect(files).toEqual({
    'v0/_manifest.json': json({ 'data.json': 'scale' }),
    'v0/baseline/.crystallize_complete': '',
    'v0/baseline/results.json': json({ metrics: { total: [1, 2] } }),
    'v0/double/.crystallize_complete': '',
    'v0/double/results.json': json({ metrics: { total: [2, 4] } }),
    'v0/replicate_0/baseline/scale/data.json': json({ value: 1 }),
    'v0/replicate_0/double/scale/data.json': json({ value: 2 }),
    'v0/replicate_1/baseline/scale/data.json': json({ value: 2 }),
    'v0/replicate_1/double/scale/data.json': json({ value: 4 }),
  });
  const parsed = JSON.parse(metadata ?? '') as Record<string, unknown>;
  expect(Object.keys(parsed).slice(0, 3)).toEqual(['replicates', 'id', 'name']);
  expect(parsed).toMatchObject({
    replicates: 2,
    id: experiment.id,
    name: 'scaling',
    format: 1,
    seed: 7,
    status: 'done',
    conditions: ['baseline', 'double'],
  });
  expect(result).toMatchObject({ version: 0, dir: join(folder.path, 'scaling', 'v0') });
});

test('an experiment without a name is kept under its id', async () => {
  await using folder = await tempFolder();
  const experiment = new Experiment({
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [pipelineStep({ name: 'pass', run: (value: number) => value })()],
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
  });
  const { dir } = await experiment.run();
  expect(dir).toBe(join(folder.path, experiment.id, 'v0'));
  const metadata = JSON.parse(await readFile(join(dir ?? '', 'metadata.json'), 'utf8')) as object;
  expect(metadata).toMatchObject({ id: experiment.id });
  expect(metadata).not.toHaveProperty('name');
});

test('each versioned run gets the next number, and what is there stays as it is', async () => {
  await using folder = await tempFolder();
  const experiment = scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true }));
  const first = await experiment.run();
  const before = await readTree(join(folder.path, 'scaling', 'v0'));
  const second = await experiment.run({ replicates: 1 });
  expect([first.version, second.version]).toEqual([0, 1]);
  expect(await readTree(join(folder.path, 'scaling', 'v0'))).toEqual(before);
});

test('rootDir is that of the moment of construction, whatever the current folder is later', async () => {
  await using folder = await tempFolder();
  const before = process.cwd();
  process.chdir(folder.path);
  try {
    const plugin = new ArtifactPlugin({ rootDir: 'here' });
    expect(plugin.rootDir).toBe(join(process.cwd(), 'here'));
    process.chdir(before);
    const { dir } = await scaling(plugin).run();
    expect(dir).toBe(join(plugin.rootDir, 'scaling', 'v0'));
  } finally {
    process.chdir(before);
  }
});

test('debug, apply and optimize store nothing', async () => {
  await using folder = await tempFolder();
  const experiment = scaling(new ArtifactPlugin({ rootDir: folder.path }));
  await experiment.run();
  const before = await readTree(folder.path);
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  try {
    await experiment.debug('double');
  } finally {
    printed.mockRestore();
  }
  expect(await experiment.apply('double')).toBe(2);
  const tried: number[] = [];
  await experiment.optimize(
    {
      objective: { metric: 'total' },
      ask: () => treatment(`factor=${tried.length}`, { factor: tried.length }),
      tell: ({ score }) => void tried.push(score),
    },
    { trials: 3 },
  );
  expect(tried).toHaveLength(3);
  expect(await readTree(folder.path)).toEqual(before);
});

/** A text that is this value as JSON, however it is laid out. */
function json(value: unknown): unknown {
  return expect.toSatisfy((text: string) => {
    expect(JSON.parse(text)).toEqual(value);
    return true;
  });
}
