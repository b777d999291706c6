import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ArtifactPlugin, memoryStore } from '@crystallize/artifacts';
import {
  Artifact,
  CorruptArtifactError,
  datasource,
  Experiment,
  ExperimentGraph,
  jsonCodec,
  type Plugin,
  pipelineStep,
  type Result,
  treatment,
  UpstreamFailedError,
} from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { artifactDatasource, csvDatasource } from '../src/index.ts';
import { temporaryFolder } from './helpers.ts';

const model = new Artifact('model.json', jsonCodec<{ k: number; replicate: number; run: number }>());
let runs = 0;

const fit = pipelineStep({
  name: 'fit',
  params: { k: 1, fails: false },
  async run(run: number, ctx, { k, fails }) {
    await model.write({ k, run, replicate: ctx.replicate });
    if (fails && ctx.replicate === 1) throw new Error('the fit diverged');
    return k;
  },
});

const look = pipelineStep({
  name: 'look',
  run(seen: { k: number; run: number; replicate: number }, ctx) {
    ctx.record('k', seen.k);
    ctx.record('run', seen.run);
    return seen;
  },
});

const training = (...plugins: Plugin[]) =>
  new Experiment({
    name: 'training',
    datasource: datasource(() => runs),
    pipeline: [fit()],
    treatments: [treatment('k=5', { k: 5 }), treatment('diverging', { k: 13, fails: true })],
    outputs: [model],
    plugins,
    replicates: 2,
    seed: 1,
  });

async function train(experiment: ReturnType<typeof training>): Promise<Result> {
  runs += 1;
  return experiment.run();
}

describe('an experiment that reads what an ArtifactPlugin has stored', () => {
  it('reads the newest finished version, and an older one by its number', async () => {
    const rootDir = await temporaryFolder();
    const producer = training(new ArtifactPlugin({ rootDir, versioned: true }));
    const first = await train(producer);
    const second = await train(producer);
    expect([first.version, second.version]).toEqual([0, 1]);
    const consumer = (version: number | 'latest') =>
      new Experiment({
        datasource: artifactDatasource(producer, model, { version }),
        pipeline: [look()],
      }).run();
    expect((await consumer('latest')).baseline.metrics['run']).toEqual([runs, runs]);
    const older = await consumer(0);
    expect(older.baseline.metrics['run']).toEqual([runs - 1, runs - 1]);
    expect(older.provenance.inputs).toMatchObject([{ experiment: 'training', version: 0 }]);
    const bytes = await readFile(join(rootDir, 'training/v0/replicate_1/baseline/fit/model.json'));
    const written = first.artifacts.find(
      ({ replicate, condition }) => replicate === 1 && condition === 'baseline',
    );
    expect(older.provenance.cell('baseline', 1)?.inputs).toEqual([
      {
        experiment: 'training',
        version: 0,
        replicate: 1,
        condition: 'baseline',
        step: 'fit',
        name: 'model.json',
        size: bytes.length,
        sha256: written?.sha256,
      },
    ]);
  });

  it('fails the cells whose upstream cell failed, by name and by treatment, never reading other data', async () => {
    const rootDir = await temporaryFolder();
    const producer = training(new ArtifactPlugin({ rootDir }));
    await train(producer);
    const consumer = new Experiment({
      name: 'consumer',
      datasource: artifactDatasource(producer, model),
      pipeline: [look()],
      treatments: [treatment('diverging', {}), treatment('k=5', {})],
    });
    const result = await consumer.run();
    expect(result.treatments['diverging']?.metrics['k']).toEqual([13]);
    expect(result.treatments['k=5']?.metrics['k']).toEqual([5, 5]);
    expect(result.errors.map(({ replicate, condition }) => [replicate, condition])).toEqual([
      [1, 'diverging'],
    ]);
    expect(result.errors[0]?.cause).toBeInstanceOf(UpstreamFailedError);
    expect(String(result.errors[0]?.cause)).toContain('the fit diverged');
  });

  it('finds a name alone where the plugin of the consumer stores', async () => {
    const rootDir = await temporaryFolder();
    await train(training(new ArtifactPlugin({ rootDir })));
    const consumer = new Experiment({
      name: 'consumer',
      datasource: artifactDatasource('training', { step: 'fit', name: 'model.json', condition: 'k=5' }),
      pipeline: [
        pipelineStep({
          name: 'read',
          run: async (file: Parameters<typeof model.load>[0], ctx) =>
            ctx.record('k', (await model.load(file)).k),
        })(),
      ],
      plugins: [new ArtifactPlugin({ rootDir })],
    });
    const result = await consumer.run();
    expect(result.errors).toEqual([]);
    expect(result.baseline.metrics['k']).toEqual([5, 5]);
  });

  it('reads from a store that keeps no files', async () => {
    const store = memoryStore();
    const producer = training(new ArtifactPlugin({ store, versioned: true }));
    await train(producer);
    for (const source of [
      artifactDatasource(producer, model),
      artifactDatasource('training', model, { store }),
    ]) {
      const result = await new Experiment({ datasource: source, pipeline: [look()] }).run();
      expect(result.baseline.metrics['k']).toEqual([1, 1]);
      expect(result.provenance.inputs).toMatchObject([{ experiment: 'training', version: 0 }]);
    }
  });

  it('inherits the treatments of its producer in a graph, and reads what was just written', async () => {
    const rootDir = await temporaryFolder();
    runs += 1;
    const producer = training(new ArtifactPlugin({ rootDir, versioned: true }));
    await producer.run();
    runs += 1;
    const consumer = new Experiment({
      name: 'consumer',
      datasource: artifactDatasource(producer, model),
      pipeline: [look()],
    });
    const results = await new ExperimentGraph([consumer, producer]).run();
    const { baseline, treatments, errors, provenance } = results['consumer'] as Result;
    expect(baseline.metrics).toEqual({ k: [1, 1], run: [runs, runs] });
    expect(treatments['k=5']?.metrics['k']).toEqual([5, 5]);
    expect(treatments['diverging']?.metrics['k']).toEqual([13]);
    expect(errors[0]?.cause).toBeInstanceOf(UpstreamFailedError);
    expect(provenance.inputs).toMatchObject([{ experiment: 'training', version: 1 }]);
  });

  it('reads in a process in which the producer never ran', async () => {
    const rootDir = await temporaryFolder();
    await train(training(new ArtifactPlugin({ rootDir })));
    const script = join(import.meta.dirname, 'read-training.ts');
    const args = [
      '--conditions=crystallize-source',
      '--disable-warning=ExperimentalWarning',
      script,
      rootDir,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({ byExperiment: [0, 1], byName: [0, 1], errors: [] });
  });

  it('says that an artifact was altered', async () => {
    const rootDir = await temporaryFolder();
    const producer = training(new ArtifactPlugin({ rootDir }));
    await train(producer);
    const path = join(rootDir, 'training/v0/replicate_0/baseline/fit/model.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"k": 1', '"k": 2'));
    const result = await new Experiment({
      datasource: artifactDatasource(producer, model),
      pipeline: [look()],
    }).run();
    expect(result.errors.map(({ replicate }) => replicate)).toEqual([0]);
    expect(result.errors[0]?.cause).toBeInstanceOf(CorruptArtifactError);
  });

  it('reads a CSV artifact as the rows of each cell, and records it', async () => {
    const rootDir = await temporaryFolder();
    const write = pipelineStep({
      name: 'write',
      run: async (data: number, ctx) => {
        await new Artifact('rows.csv').write(`x\n${ctx.replicate}\n${data}\n`);
        return data;
      },
    });
    const producer = new Experiment({
      name: 'tables',
      datasource: datasource(() => 7),
      pipeline: [write()],
      plugins: [new ArtifactPlugin({ rootDir })],
    });
    const { artifacts } = await producer.run();
    const rows = csvDatasource(() => artifacts[0] ?? '', { columns: ['x'] });
    const sum = pipelineStep({
      name: 'sum',
      run: (table: { x: string }[], ctx) =>
        ctx.record(
          'sum',
          table.reduce((total, { x }) => total + Number(x), 0),
        ),
    });
    const result = await new Experiment({ datasource: rows, pipeline: [sum()] }).run();
    expect(result.baseline.metrics['sum']).toEqual([7]);
    expect(result.provenance.cell('baseline', 0)?.inputs).toMatchObject([
      { experiment: 'tables', name: 'rows.csv', version: 0, sha256: artifacts[0]?.sha256 },
    ]);
  });
});
