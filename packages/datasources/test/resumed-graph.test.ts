import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  ExperimentGraph,
  jsonCodec,
  pipelineStep,
  ResumeMismatchError,
  treatment,
} from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { artifactDatasource } from '../src/index.ts';
import { temporaryFolder } from './helpers.ts';

const model = new Artifact('model.json', jsonCodec<number>());

/** A producer whose cells fail while they are in `bad`, and its consumer; both note what runs. */
function chain(
  rootDir: string,
  options: { readonly slope?: number; readonly treatments?: readonly string[] } = {},
) {
  const ran = { train: [] as string[], test: [] as string[] };
  const bad = new Set<string>();
  const plugin = new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 0 });
  const fit = pipelineStep({
    name: 'fit',
    params: { slope: options.slope ?? 1 },
    async run(value: number, ctx, { slope }) {
      const cell = `${ctx.replicate} ${ctx.condition}`;
      ran.train.push(cell);
      if (bad.has(cell)) throw new Error('no fit');
      await model.write(value * slope);
      return value;
    },
  });
  const judge = pipelineStep({
    name: 'judge',
    run(value: number, ctx) {
      ran.test.push(`${ctx.replicate} ${ctx.condition}`);
      ctx.record('score', value);
      return value;
    },
  });
  const names = options.treatments ?? ['steep'];
  const train = new Experiment({
    name: 'train',
    datasource: datasource((ctx) => ctx.replicate + 1),
    pipeline: [fit()],
    treatments: names.map((name, index) => treatment(name, { slope: 10 + index })),
    plugins: [plugin],
    outputs: [model],
    replicates: 2,
    seed: 1,
  });
  const test = new Experiment({
    name: 'test',
    datasource: artifactDatasource(train, model),
    pipeline: [judge()],
    plugins: [plugin],
    seed: 1,
  });
  return { graph: new ExperimentGraph([train, test]), train, test, ran, bad };
}

const forget = (ran: { train: string[]; test: string[] }) => {
  ran.train.length = 0;
  ran.test.length = 0;
};

describe('a graph that is resumed', () => {
  it('runs nothing when everything is there', async () => {
    const folder = await temporaryFolder();
    const { graph, ran } = chain(folder);
    const first = await graph.run();
    forget(ran);
    const resumed = await graph.run({ strategy: 'resume' });
    expect(ran).toEqual({ train: [], test: [] });
    expect(resumed['test']?.rows()).toEqual(first['test']?.rows());
    expect(resumed['test']?.restored).toBe(4);
    expect(Object.values(await graph.explain()).map(({ missing }) => missing)).toEqual([0, 0]);
  });

  it('runs failed cells again, and what needed them', async () => {
    const folder = await temporaryFolder();
    const { graph, ran, bad } = chain(folder);
    bad.add('1 steep');
    const first = await graph.run();
    expect(first['test']?.errors.map(({ replicate, condition }) => `${replicate} ${condition}`)).toEqual([
      '1 steep',
    ]);
    bad.clear();
    forget(ran);
    const explained = await graph.explain();
    expect(explained['train']?.cells.filter(({ action }) => action === 'run')).toMatchObject([
      { replicate: 1, condition: 'steep', reason: expect.stringContaining('it failed') },
    ]);
    const resumed = await graph.run({ strategy: 'resume' });
    expect(ran).toEqual({ train: ['1 steep'], test: ['1 steep'] });
    expect([resumed['train']?.status, resumed['test']?.status]).toEqual(['done', 'done']);
    expect(resumed['test']?.version).toBe(0);
  });

  it('passes on what an upstream experiment has produced anew, cell by cell', async () => {
    const folder = await temporaryFolder();
    await chain(folder).graph.run();
    const changed = chain(folder, { treatments: ['flat', 'steep'] });
    const explained = await changed.graph.explain();
    expect(
      explained['test']?.cells.filter(({ action }) => action === 'run').map(({ condition }) => condition),
    ).toEqual(['flat', 'steep', 'flat', 'steep']);
    const resumed = await changed.graph.run({ strategy: 'resume' });
    expect(changed.ran.train).toEqual(['0 flat', '0 steep', '1 flat', '1 steep']);
    expect(changed.ran.test).toEqual(['0 flat', '0 steep', '1 flat', '1 steep']);
    expect(resumed['test']?.treatments['steep']?.metrics).toEqual({ score: [11, 22] });
    expect(resumed['test']?.baseline.metrics).toEqual({ score: [1, 2] });
  });

  it('makes an output again that is missing and that another experiment reads', async () => {
    const folder = await temporaryFolder();
    const { graph, ran } = chain(folder);
    const first = await graph.run();
    await rm(join(first['train']?.dir ?? '', 'replicate_0/steep/fit/model.json'));
    forget(ran);
    const resumed = await graph.run({ strategy: 'resume' });
    expect(ran).toEqual({ train: ['0 steep'], test: [] });
    expect(await resumed['train']?.artifact(model, { condition: 'steep' })?.load()).toBe(10);
  });

  it('explains what comes after experiments that have not run', async () => {
    const folder = await temporaryFolder();
    const { graph } = chain(folder);
    const explained = await graph.explain();
    expect([explained['train']?.missing, explained['test']?.missing]).toEqual([4, 4]);
    expect(explained['test']?.cells[0]?.reason).toContain("'train'");
  });
});

describe('a graph whose upstream has another run to go on with', () => {
  it('begins a new run downstream, and leaves the one that read the older run as it is', async () => {
    const folder = await temporaryFolder();
    const first = chain(folder);
    const v0 = await first.graph.run();
    const changed = chain(folder, { slope: 3 });
    await changed.train.run();
    const explained = await changed.graph.explain();
    expect([explained['test']?.version, explained['test']?.missing]).toEqual([undefined, 4]);
    expect(explained['test']?.cells[0]?.reason).toMatch(
      /v0 has read v0 of 'train', which goes on with v1: a new run begins/,
    );
    const resumed = await changed.graph.run({ strategy: 'resume' });
    expect([resumed['train']?.version, resumed['test']?.version]).toEqual([1, 1]);
    expect(resumed['test']?.baseline.metrics).toEqual({ score: [3, 6] });
    const kept = await first.test.run({ strategy: 'resume', version: 0, accept: ['inputs', 'params'] });
    expect([kept.restored, kept.baseline.metrics]).toEqual([2, v0['test']?.baseline.metrics]);
  });

  it('is explained with the replicates that there will be by then', async () => {
    const folder = await temporaryFolder();
    const { graph } = chain(folder);
    await graph.run();
    const explained = await graph.explain({ replicates: 3 });
    expect([explained['train']?.missing, explained['test']?.missing]).toEqual([2, 2]);
    expect(explained['test']?.cells.at(-1)).toMatchObject({ replicate: 2, action: 'run' });
    const resumed = await graph.run({ strategy: 'resume', replicates: 3 });
    expect([resumed['train']?.executed, resumed['test']?.executed]).toEqual([2, 2]);
  });
});

describe('an experiment that is resumed alone', () => {
  it('refuses input that has changed, unless that is accepted', async () => {
    const folder = await temporaryFolder();
    const { graph } = chain(folder);
    await graph.run();
    const changed = chain(folder, { slope: 3 });
    await changed.train.run();
    const error = await changed.test.run({ strategy: 'resume' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResumeMismatchError);
    expect((error as Error).message).toMatch(
      /'model\.json' of 'train' \(replicate 0 of 'baseline'\), which it read, has changed/,
    );
    expect((error as ResumeMismatchError).differences.map(({ kind }) => kind)).toEqual(['inputs']);
    const accepted = await changed.test.run({ strategy: 'resume', accept: ['inputs'] });
    expect([accepted.restored, accepted.executed]).toEqual([2, 0]);
    expect(accepted.accepted[0]).toMatch(/^inputs: /);
    const again = await changed.test.run({ strategy: 'resume' });
    expect(again.accepted).toEqual(accepted.accepted);
    const other = chain(folder, { slope: 4 });
    await other.train.run();
    await expect(other.test.run({ strategy: 'resume' })).rejects.toBeInstanceOf(ResumeMismatchError);
  });
});
