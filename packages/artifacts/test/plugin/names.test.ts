import { readdir } from 'node:fs/promises';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, pipelineStep, treatment } from '@crystallize/core';
import { expect, test } from 'vitest';
import { tempFolder } from './temp-folder.ts';

const hostile = [
  '..',
  '../evil',
  '/etc/passwd',
  'a\\b',
  'C:evil',
  '.crystallize',
  'CON',
  'nul.txt',
  'tail.',
  'tail ',
  'bell\u0007',
  'zero\u200bwidth',
  'half\ud800',
  'e\u0301clair',
  'x'.repeat(129),
];

/** A definition with one name replaced. */
function naming(
  rootDir: string,
  names: { experiment?: string; step?: string; condition?: string; output?: string },
) {
  return new Experiment({
    name: names.experiment ?? 'named',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [pipelineStep({ name: names.step ?? 'step', run: (value: number) => value })()],
    treatments: [treatment(names.condition ?? 'other', {})],
    outputs: [new Artifact(names.output ?? 'output.json')],
    plugins: [new ArtifactPlugin({ rootDir })],
  });
}

test.each(['experiment', 'step', 'condition', 'output'] as const)(
  'a hostile name of %s is refused before anything is stored',
  async (kind) => {
    await using folder = await tempFolder();
    // Names of the layout can be mistaken only where its own stand beside them.
    for (const name of kind === 'condition' ? [...hostile, 'replicate_0', 'metadata.json'] : hostile) {
      const experiment = naming(folder.path, { [kind]: name });
      await expect(experiment.validate(), JSON.stringify(name)).rejects.toThrow(/can't run/);
      await expect(experiment.run(), JSON.stringify(name)).rejects.toThrow(/can't run/);
    }
    expect(await readdir(folder.path)).toEqual([]);
    await expect(naming(folder.path, { [kind]: 'k=1,lr=0.1 (é)' }).validate()).resolves.toBeUndefined();
  },
);

test('names that some file system takes for one are refused', async () => {
  await using folder = await tempFolder();
  await expect(naming(folder.path, { condition: 'Baseline' }).validate()).rejects.toThrow(/Baseline/);
});

test('an artifact that gets a hostile name only as it is written fails its cell and leaves the folder alone', async () => {
  await using folder = await tempFolder();
  const step = pipelineStep({
    name: 'step',
    async run(replicate: number) {
      await new Artifact(hostile[replicate] ?? '').write('x');
      return replicate;
    },
  });
  const experiment = new Experiment({
    name: 'named',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [step()],
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    replicates: hostile.length,
  });
  const result = await experiment.run();
  expect(result.errors.map(({ cause }) => (cause as { code?: string }).code)).toEqual(
    hostile.map(() => 'NAME_UNSAFE'),
  );
  expect(result.artifacts).toEqual([]);
});

test.each([
  ['data.json', 'Data.JSON'],
  ['parts', 'parts/a.bin'],
  ['Parts/a.bin', 'parts'],
])('a cell that writes %s and %s fails, and no other does', async (first, second) => {
  await using folder = await tempFolder();
  const step = pipelineStep({
    name: 'step',
    async run(replicate: number) {
      await new Artifact(first).write('first');
      if (replicate === 1) await new Artifact(second).write('second');
      return replicate;
    },
  });
  const experiment = new Experiment({
    name: 'named',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [step()],
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    replicates: 3,
  });
  const result = await experiment.run();
  expect(result.errors.map(({ replicate, cause }) => [replicate, (cause as { code?: string }).code])).toEqual(
    [[1, 'NAME_UNSAFE']],
  );
  for (const artifact of result.artifacts) expect(await artifact.text()).toBe('first');
});
