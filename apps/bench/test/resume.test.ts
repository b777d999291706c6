import { ArtifactPlugin } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { workFolder } from '../src/harness/work-folder.ts';
import { assertSameWork, cellsOf, readBare } from '../src/resume/a-run.ts';

test('the bare program reads what a run and its resume have stored', async () => {
  await using folder = await workFolder('resume-test');
  const score = pipelineStep({
    name: 'score',
    params: { by: 1 },
    run: (value: number, ctx, { by }) => ctx.record('score', (value + by) * 2),
  });
  const experiment = new Experiment({
    name: 'resume',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [score()],
    treatments: { t1: { by: 2 }, t2: { by: 3 } },
    plugins: [new ArtifactPlugin({ rootDir: folder.path, versioned: true })],
    seed: 1,
  });
  await experiment.run({ replicates: 3 });
  await experiment.run({ replicates: 5, strategy: 'resume' });
  for (const replicates of [3, 5]) {
    const figures = await readBare({ rootDir: folder.path, treatments: 2, replicates });
    expect(figures['value']).toBe((replicates - 1 + 3) * 2);
  }
});

test('a program that did other work than it was to do is not compared', () => {
  const run = { rootDir: '', treatments: 2, replicates: 3 };
  expect(cellsOf(run)).toBe(9);
  assertSameWork(run, { value: 10 }, undefined);
  assertSameWork(run, { value: 10, executed: 4 }, 4);
  expect(() => assertSameWork(run, { value: 8 }, undefined)).toThrow('read 8, where 10 was expected');
  expect(() => assertSameWork(run, { value: 10, executed: 9 }, 0)).toThrow(
    'ran 9 cells, where 0 were missing',
  );
});
