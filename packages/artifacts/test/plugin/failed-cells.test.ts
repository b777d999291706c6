import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  type Plugin,
  pipelineStep,
  UpstreamFailedError,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { tempFolder } from './temp-folder.ts';
import { listTree } from './tree.ts';

const notes = new Artifact('notes.txt');

/** `shaky` fails in replicate 1 after having written its artifact. */
function shaky(plugin: Plugin) {
  const step = pipelineStep({
    name: 'note',
    params: { shaky: false },
    async run(replicate: number, ctx, { shaky }) {
      await notes.write(`replicate ${replicate}`);
      ctx.record('seen', replicate);
      if (shaky && replicate === 1) throw new RangeError('out of luck');
      return replicate;
    },
  });
  return new Experiment({
    name: 'shaky',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [step()],
    treatments: { shaky: { shaky: true } },
    plugins: [plugin],
    replicates: 3,
    seed: 1,
  });
}

test('a condition with a failed cell has results but no marker, and the run has ended all the same', async () => {
  await using folder = await tempFolder();
  const result = await shaky(new ArtifactPlugin({ rootDir: folder.path })).run();
  const dir = result.dir ?? '';
  expect(result.status).toBe('failed');
  expect(existsSync(join(dir, 'baseline/.crystallize_complete'))).toBe(true);
  expect(existsSync(join(dir, 'shaky/.crystallize_complete'))).toBe(false);
  expect(JSON.parse(await readFile(join(dir, 'shaky/results.json'), 'utf8'))).toEqual({
    metrics: { seen: [0, 2] },
  });
  expect(JSON.parse(await readFile(join(dir, 'metadata.json'), 'utf8'))).toMatchObject({ status: 'failed' });
});

test('what a failed cell wrote is kept, and known as of a failed cell', async () => {
  await using folder = await tempFolder();
  const result = await shaky(new ArtifactPlugin({ rootDir: folder.path })).run();
  expect(await readFile(join(result.dir ?? '', 'replicate_1/shaky/note/notes.txt'), 'utf8')).toBe(
    'replicate 1',
  );
  const [version] = await openRuns({ rootDir: folder.path }).experiment('shaky').versions();
  const cell = (await version?.cells())?.find((record) => record.status === 'failed');
  expect(cell).toMatchObject({
    replicate: 1,
    condition: 'shaky',
    failedStep: 'note',
    error: { message: 'out of luck' },
  });
  const asked = version?.artifact({ replicate: 1, condition: 'shaky', name: 'notes.txt' });
  await expect(asked).rejects.toBeInstanceOf(UpstreamFailedError);
});

test('a metric that has no form to be stored in is one warning per condition, and costs nothing else', async () => {
  await using folder = await tempFolder();
  const record = pipelineStep({
    name: 'record',
    run(replicate: number, ctx) {
      // A path of its own in each replicate, so that each has a reason of its own.
      ctx.record('callback', { [`of ${replicate}`]: () => replicate });
      ctx.record('seen', replicate);
      return replicate;
    },
  });
  const experiment = new Experiment({
    name: 'unstorable',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [record()],
    treatments: { other: {} },
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    replicates: 3,
    seed: 1,
  });
  const result = await experiment.run();
  expect(result.status).toBe('done');
  const told = result.warnings.filter((warning) => warning.includes("'callback'"));
  expect(told).toHaveLength(2);
  expect(result.baseline.metrics['callback']).toHaveLength(3);
  const [version] = await openRuns({ rootDir: folder.path }).experiment('unstorable').versions();
  expect(version?.finished).toBe(true);
  expect((await version?.metrics('other'))?.['seen']).toEqual([0, 1, 2]);
  expect(existsSync(join(result.dir ?? '', 'other/.crystallize_complete'))).toBe(true);
});

test('an attempt that succeeds leaves nothing of those that failed', async () => {
  await using folder = await tempFolder();
  const first = new Artifact('first.txt');
  let attempts = 0;
  const step = pipelineStep({
    name: 'note',
    async run(replicate: number) {
      attempts++;
      await notes.write(`attempt ${attempts}`);
      if (attempts === 1) {
        await first.write('only here');
        throw new Error('once');
      }
      return replicate;
    },
  });
  const experiment = new Experiment({
    name: 'retried',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [step()],
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    seed: 1,
  });
  const result = await experiment.run({ retries: { times: 1, delay: 0 } });
  const files = (await listTree(result.dir ?? '')).filter((path) => path.startsWith('replicate_'));
  expect(files).toEqual(['replicate_0/baseline/note/notes.txt']);
  expect(await result.artifact('notes.txt')?.text()).toBe('attempt 2');
});

test('a run that is aborted keeps the cells that ended and the conditions that are complete, and is not finished', async () => {
  await using folder = await tempFolder();
  const controller = new AbortController();
  const stopped = new Promise<void>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve()),
  );
  const step = pipelineStep({
    name: 'note',
    async run(replicate: number, ctx) {
      await notes.write(`${replicate}`);
      ctx.record('seen', replicate);
      if (replicate === 1 && ctx.condition === 'other') {
        await stopped;
        throw new Error('stopped half-way');
      }
      return replicate;
    },
  });
  const experiment = new Experiment({
    name: 'aborted',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [step()],
    treatments: { other: {}, third: {} },
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    replicates: 2,
    seed: 1,
  });
  const run = experiment.run({
    signal: controller.signal,
    onEvent: (event) =>
      event.type === 'cell:end' && event.ended === 4 && controller.abort(new Error('enough')),
  });
  await expect(run).rejects.toThrow('enough');
  const dir = join(folder.path, 'aborted/v0');
  expect((await listTree(dir)).filter((path) => !path.startsWith('replicate_'))).toEqual([
    '_manifest.json',
    'baseline/.crystallize_complete',
    'baseline/results.json',
  ]);
  const [version] = await openRuns({ rootDir: folder.path }).experiment('aborted').versions();
  expect(version?.finished).toBe(false);
  const done = (await version?.cells())?.filter(({ status }) => status === 'done');
  expect(done?.map(({ replicate, condition }) => `${replicate} ${condition}`)).toEqual([
    '0 baseline',
    '0 other',
    '0 third',
    '1 baseline',
  ]);
});
