import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Experiment, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { csvDatasource } from '../src/index.ts';
import { temporaryFolder } from './helpers.ts';

const count = pipelineStep({
  name: 'count',
  run: (rows: readonly unknown[], ctx) => ctx.record('rows', rows.length),
});

test('a resume notices that a file has changed, and says where it can not', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'rows.csv');
  await writeFile(file, 'a,b\n1,2\n');
  const make = (source: ReturnType<typeof csvDatasource>, name: string) =>
    new Experiment({
      name,
      datasource: source,
      pipeline: [count()],
      plugins: [new ArtifactPlugin({ rootDir: folder })],
      seed: 1,
    });
  const fixed = make(csvDatasource(file), 'fixed');
  const told = make(
    csvDatasource(() => file),
    'told',
  );
  for (const experiment of [fixed, told]) await experiment.run();
  await writeFile(file, 'a,b\n1,2\n3,4\n');
  expect((await fixed.explain()).differences.map(({ kind }) => kind)).toEqual(['datasource']);
  const explained = await told.explain();
  expect(explained.differences).toEqual([]);
  expect(explained.notes.join()).toMatch(/told by a function, cell by cell/);
  expect((await told.run({ strategy: 'resume' })).warnings.join()).toMatch(
    /changes of the files go unnoticed/,
  );
});
