import {
  Artifact,
  type ArtifactFile,
  type Datasource,
  datasource,
  Experiment,
  type Gives,
  jsonCodec,
  pipelineStep,
} from '@crystallize/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { artifactDatasource, csvDatasource, csvRows, readCsv } from '../src/index.ts';
import { csvFile, from } from './helpers.ts';

const model = new Artifact('model.json', jsonCodec<{ k: number }>());
const report = new Artifact('report.json', jsonCodec<{ title: string }>());
const undeclared = new Artifact('other.json', jsonCodec<{ k: number }>());
const unnamedTwin = new Artifact('model.json', jsonCodec<string>());

const pass = pipelineStep({ name: 'pass', run: (data: number) => data });
const training = new Experiment({
  name: 'training',
  datasource: datasource(() => 1),
  pipeline: [pass()],
  outputs: [model, report],
});
const silent = new Experiment({ name: 'silent', datasource: datasource(() => 1), pipeline: [pass()] });

describe('types of artifactDatasource', () => {
  it('are those of the declared output', () => {
    expectTypeOf(artifactDatasource(training, model)).toEqualTypeOf<Datasource<{ k: number }>>();
    expectTypeOf(artifactDatasource(training, report, { version: 3 })).toEqualTypeOf<
      Datasource<{ title: string }>
    >();
    expectTypeOf(artifactDatasource('training', model, { rootDir: 'data' })).toEqualTypeOf<
      Datasource<{ k: number }>
    >();
    expectTypeOf(artifactDatasource(training, { step: 'fit', name: 'x' })).toEqualTypeOf<
      Datasource<ArtifactFile>
    >();
    expectTypeOf<Gives<ReturnType<typeof readModel>>>().toEqualTypeOf<{ k: number }>();
  });

  it('refuse what is no output of the experiment', () => {
    // @ts-expect-error: another name
    expect(() => artifactDatasource(training, undeclared)).toThrow(/not among the outputs/);
    // No outputs were inferred here, which is all that an annotation `: Experiment` tells, too.
    expect(() => artifactDatasource(silent, model)).toThrow(/declares no outputs/);
    // @ts-expect-error: the same name, another type
    expect(() => artifactDatasource(training, unnamedTwin)).not.toThrow();
  });

  it('refuse options that do not belong', () => {
    // @ts-expect-error: a file is not decoded, so no treatment is looked for
    expect(() => artifactDatasource(training, { step: 'a', name: 'b', missingTreatment: 'error' })).toThrow();
    // @ts-expect-error: a step is required
    expect(() => artifactDatasource(training, { name: 'b' })).toThrow();
    // @ts-expect-error: a condition is the consumer's own
    expect(() => artifactDatasource(training, model, { condition: 'x' })).toThrow();
  });

  it('reach the first step of a pipeline', () => {
    const take = pipelineStep({ name: 'take', run: ({ k }: { k: number }) => k });
    const takeTitle = pipelineStep({ name: 'take', run: ({ title }: { title: string }) => title });
    const datasource = readModel();
    expectTypeOf(new Experiment({ datasource, pipeline: [take()] })).toHaveProperty('outputs');
    // @ts-expect-error: the model has no title
    expect(() => new Experiment({ datasource, pipeline: [takeTitle()] })).not.toThrow();
  });
});

describe('types of CSV', () => {
  it('are strings under the names of the columns', async () => {
    expectTypeOf(await readCsv(from('a\n'))).toEqualTypeOf<Record<string, string>[]>();
    const selected = await readCsv(from('a,b\n1,2\n'), { columns: ['a'] });
    expectTypeOf(selected).toEqualTypeOf<Record<'a', string>[]>();
    const renamed = await readCsv(from('a,b\n1,2\n'), { columns: { x: 'a', y: 2 } });
    expectTypeOf(renamed[0]?.x).toEqualTypeOf<string | undefined>();
    // @ts-expect-error: the column was renamed
    expect(renamed[0]?.a).toBeUndefined();
  });

  it('are the output of the schema', async () => {
    const schema = z.object({ mass: z.coerce.number() });
    const file = await csvFile('mass\n1\n');
    expectTypeOf(await readCsv(file, { schema })).toEqualTypeOf<{ mass: number }[]>();
    expectTypeOf(csvDatasource(file, { schema })).toEqualTypeOf<Datasource<{ mass: number }[]>>();
    for await (const row of csvRows(file, { schema, delimiter: ',' }))
      expectTypeOf(row).toEqualTypeOf<{ mass: number }>();
    expectTypeOf(csvDatasource(() => file, { columns: ['mass'] })).toEqualTypeOf<
      Datasource<Record<'mass', string>[]>
    >();
  });
});

function readModel() {
  return artifactDatasource(training, model);
}
