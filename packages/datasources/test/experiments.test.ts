import {
  Artifact,
  AsyncExecution,
  CellFailedError,
  datasource,
  Experiment,
  inputs,
  jsonCodec,
  pipelineStep,
  ReplicateMismatchError,
  treatment,
  UpstreamFailedError,
} from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { artifactDatasource, CsvError, csvDatasource, readCsv } from '../src/index.ts';
import { csvFile } from './helpers.ts';

const model = new Artifact('model.json', jsonCodec<{ k: number; replicate: number }>());
const notes = new Artifact('notes.txt');

const fit = pipelineStep({
  name: 'fit',
  params: { k: 1 },
  async run(data: number, ctx, { k }) {
    if (k === 13 && ctx.replicate === 1) throw new Error('thirteen');
    await model.write({ k, replicate: ctx.replicate });
    await notes.write(`n\n${data}\n`);
    return k;
  },
});

const look = pipelineStep({
  name: 'look',
  run(seen: { k: number; replicate: number }, ctx) {
    ctx.record('k', seen.k);
    ctx.record('read', seen.replicate);
    return seen;
  },
});

const producer = (name: string) =>
  new Experiment({
    name,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [fit()],
    treatments: [treatment('k=5', { k: 5 }), treatment('k=13', { k: 13 })],
    outputs: [model],
    replicates: 2,
    seed: 1,
  });

describe('an experiment that reads artifacts from the memory of this process', () => {
  it('reads its own condition, the baseline for what the producer lacks, and nothing for a failed cell', async () => {
    const training = producer('training');
    await training.run();
    const testing = new Experiment({
      name: 'testing',
      datasource: artifactDatasource(training, model),
      pipeline: [look()],
      treatments: [treatment('k=5', {}), treatment('k=13', {}), treatment('other', {})],
      seed: 2,
    });
    const result = await testing.run();
    expect(result.baseline.metrics).toEqual({ k: [1, 1], read: [0, 1] });
    expect(result.treatments['k=5']?.metrics).toEqual({ k: [5, 5], read: [0, 1] });
    expect(result.treatments['other']?.metrics).toEqual({ k: [1, 1], read: [0, 1] });
    expect(result.treatments['k=13']?.metrics).toEqual({ k: [13], read: [0] });
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]).toBeInstanceOf(CellFailedError);
    expect(result.errors[0]).toMatchObject({ replicate: 1, condition: 'k=13' });
    expect(result.errors[0]?.cause).toBeInstanceOf(UpstreamFailedError);
    expect(result.warnings.filter((text) => text.includes("has no treatment 'other'"))).toHaveLength(1);
    expect(result.provenance.inputs).toEqual([{ experiment: 'training', location: 'memory' }]);
    const [input] = result.provenance.cell('other', 1)?.inputs ?? [];
    expect(input).toMatchObject({
      experiment: 'training',
      condition: 'baseline',
      replicate: 1,
      name: 'model.json',
    });
    expect(input?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(input?.version).toBeUndefined();
  });

  it('refuses another count, and reads in turn when it may', async () => {
    const training = producer('training');
    await training.run();
    const testing = (replicates: number, cycle: boolean) =>
      new Experiment({
        datasource: artifactDatasource(training, model, cycle ? { replicates: 'cycle' } : {}),
        pipeline: [look()],
        replicates,
      });
    await expect(testing(3, false).run()).rejects.toBeInstanceOf(ReplicateMismatchError);
    const result = await testing(3, true).run();
    expect(result.baseline.metrics['read']).toEqual([0, 1, 0]);
    expect(result.warnings).toContainEqual(expect.stringContaining('i mod 2'));
  });

  it('feeds files to readCsv, beside other inputs', async () => {
    const training = producer('training');
    await training.run();
    const count = pipelineStep({
      name: 'count',
      async run(
        { file, rows }: { file: Parameters<typeof readCsv>[0]; rows: Record<string, string>[] },
        ctx,
      ) {
        const [row] = await readCsv(file, { columns: ['n'] });
        ctx.record('n', Number(row?.n) + rows.length);
        return row;
      },
    });
    const testing = new Experiment({
      datasource: inputs({
        file: artifactDatasource(training, { step: 'fit', name: 'notes.txt' }),
        rows: csvDatasource(await csvFile('a\n1\n2\n')),
      }),
      pipeline: [count()],
    });
    expect((await testing.run()).baseline.metrics).toEqual({ n: [2, 3] });
  });
});

describe('an experiment over a CSV file', () => {
  const Penguin = z.object({ species: z.string(), mass: z.coerce.number().positive() });
  const spoil = pipelineStep({
    name: 'spoil',
    params: { factor: 1 },
    run(rows: z.infer<typeof Penguin>[], ctx, { factor }) {
      ctx.record(
        'sum',
        rows.reduce((sum, row) => sum + row.mass, 0),
      );
      for (const row of rows) row.mass *= factor + 1;
      rows.pop();
      return rows;
    },
  });

  it('gives each cell rows of its own, also when cells overlap', async () => {
    const file = await csvFile('species,mass\nAdelie,3750\nGentoo,5000\n');
    const experiment = new Experiment({
      name: 'penguins',
      datasource: csvDatasource(file, { schema: Penguin }),
      pipeline: [spoil()],
      treatments: { heavy: { factor: 3 } },
      plugins: [AsyncExecution({ concurrency: 4 })],
      replicates: 3,
    });
    const result = await experiment.run();
    expect(result.errors).toEqual([]);
    expect(result.baseline.metrics['sum']).toEqual([8750, 8750, 8750]);
    expect(result.treatments['heavy']?.metrics['sum']).toEqual([8750, 8750, 8750]);
  });

  it('tells file, line and column of a bad row', async () => {
    const file = await csvFile('species,mass\nAdelie,3750\nGentoo,heavy\n');
    const datasource = csvDatasource(file, { schema: Penguin });
    const outcome = new Experiment({ name: 'penguins', datasource, pipeline: [spoil()] }).run();
    const cause = (await outcome).errors[0]?.cause;
    expect(cause).toBeInstanceOf(CsvError);
    expect(cause).toMatchObject({
      code: 'CSV_SCHEMA',
      file,
      line: 3,
      column: 'mass',
      columnNumber: 2,
      value: 'heavy',
    });
  });
});
