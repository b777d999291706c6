import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Experiment, type Plugin, pipelineStep, treatment } from '@crystallize/core';
import { expect, onTestFinished, test } from 'vitest';
import { experimentOf, replicateIndex, score } from './support/experiments.ts';

test('each step of each cell has its params, what it read and wrote, and how long it took', async () => {
  const first = pipelineStep({
    name: 'first',
    params: { a: 1, b: 2 },
    async run(data: number, ctx, { a }) {
      ctx.get('initial');
      ctx.has('absent');
      ctx.add('own', { n: data });
      ctx.add('long', 'x'.repeat(500));
      await new Promise(setImmediate);
      return a;
    },
  });
  const second = pipelineStep({ name: 'second', run: (_data: number, ctx) => void ctx.get('own') });
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [first({ b: 3 }), second()],
    initialContext: { initial: 'i' },
    treatments: [treatment('t', { a: 5 })],
    replicates: 2,
    seed: 1,
  });
  const { provenance } = await experiment.run();
  const cell = provenance.cell('t', 1);
  expect(cell).toEqual({
    replicate: 1,
    condition: 't',
    seed: 31338,
    inputs: [],
    duration: expect.any(Number),
    steps: [
      {
        step: 'first',
        params: { a: 5, b: 3 },
        read: { initial: 'i', absent: undefined },
        wrote: { own: '[object with n]', long: `${'x'.repeat(200)}…` },
        cached: false,
        duration: expect.any(Number),
      },
      {
        step: 'second',
        params: {},
        read: { own: '[object with n]' },
        wrote: {},
        cached: false,
        duration: expect.any(Number),
      },
    ],
  });
  expect(cell?.steps[0]?.duration).toBeGreaterThan(0);
  expect(cell?.duration).toBeGreaterThanOrEqual(
    (cell?.steps[0]?.duration ?? 0) + (cell?.steps[1]?.duration ?? 0),
  );
  expect([...provenance.cells()].map(({ condition, replicate }) => `${condition}${replicate}`)).toEqual([
    'baseline0',
    'baseline1',
    't0',
    't1',
  ]);
  expect(provenance.cell('t', 2)).toBeUndefined();
  expect(provenance.cell('nope', 0)).toBeUndefined();
});

test('a cell that differs from the others keeps what is its own', async () => {
  const experiment = experimentOf(
    (replicate, ctx) => {
      if (replicate % 2 === 1) ctx.add('odd', replicate);
      if (replicate !== 2) ctx.record('m', replicate, { odd: replicate % 2 === 1 });
    },
    { replicates: 4 },
  );
  const { baseline, provenance } = await experiment.run();
  expect([0, 1, 2, 3].map((replicate) => provenance.cell('baseline', replicate)?.steps[0]?.wrote)).toEqual([
    {},
    { odd: 1 },
    {},
    { odd: 3 },
  ]);
  expect(baseline.cells.map((cell) => cell.metrics.map(({ value, tags }) => [value, tags]))).toEqual([
    [[0, { odd: false }]],
    [[1, { odd: true }]],
    [],
    [[3, { odd: true }]],
  ]);
});

test('the run tells its id, its start, node, the platform and the versions of the packages', async () => {
  const before = Date.now();
  const plugin: Plugin = { name: '@someone/plugin', version: '1.2.3' };
  const { provenance } = await experimentOf(() => 1, { plugins: [plugin, { name: 'own' }] }).run();
  expect(provenance.run).toMatch(/^[0-9a-f-]{36}$/);
  expect(provenance.startedAt.getTime()).toBeGreaterThanOrEqual(before);
  expect(provenance).toMatchObject({
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    inputs: [],
  });
  expect(provenance.packages).toEqual({
    '@crystallize/core': expect.stringMatching(/^\d+\.\d+\.\d+/),
    '@someone/plugin': '1.2.3',
  });
});

test('no value of an environment variable is in anything that a run tells', async () => {
  process.env['PROVENANCE_CANARY'] = 'environment-canary-value';
  onTestFinished(() => void delete process.env['PROVENANCE_CANARY']);
  const heard: unknown[] = [];
  const plugin: Plugin = {
    name: 'p',
    afterRun: async (run) => void heard.push(await run.environment(), await run.definition()),
  };
  const result = await experimentOf(() => 1, { plugins: [plugin] }).run({
    onEvent: (event) => void heard.push(event),
  });
  const text = JSON.stringify([heard, result, { ...result.provenance }, [...result.provenance.cells()]]);
  expect(text).not.toContain('environment-canary-value');
  expect(text).not.toContain('PROVENANCE_CANARY');
});

const run = promisify(execFile);
const core = new URL('../src/index.ts', import.meta.url).href;

/** What the provenance of an experiment in a folder says of git. */
async function gitIn(dir: string): Promise<unknown> {
  const file = join(dir, 'my.experiment.ts');
  const { stdout } = await run(process.execPath, ['--conditions=crystallize-source', file]);
  return JSON.parse(stdout);
}

test('git: the commit, and whether the tree was dirty, of the folder of the module that made the experiment', async () => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'provenance-git-')));
  onTestFinished(() => rm(dir, { recursive: true }));
  const source = `import { datasource, Experiment, pipelineStep } from '${core}';
const experiment = new Experiment({ datasource: datasource(() => 1), pipeline: [pipelineStep({ name: 's', run: (n: number) => n })()] });
const { provenance } = await experiment.run();
console.log(JSON.stringify({ git: provenance.git ?? null, module: provenance.module }));
`;
  await writeFile(join(dir, 'my.experiment.ts'), source);
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  const git = (...args: readonly string[]) =>
    run('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
  const module = new URL(`file://${join(dir, 'my.experiment.ts')}`).href;
  expect(await gitIn(dir)).toEqual({ git: null, module });
  await git('init', '--quiet');
  expect(await gitIn(dir)).toEqual({ git: null, module });
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'first');
  const commit = (await git('rev-parse', 'HEAD')).stdout.trim();
  expect(await gitIn(dir)).toEqual({ git: { commit, dirty: false }, module });
  await writeFile(join(dir, 'my.experiment.ts'), `${source}// changed\n`);
  expect(await gitIn(dir)).toEqual({ git: { commit, dirty: true }, module });
});

test('without git there is none, and the run goes on', async () => {
  const path = process.env['PATH'];
  const dir = await mkdtemp(join(tmpdir(), 'provenance-none-'));
  onTestFinished(async () => {
    process.env['PATH'] = path;
    await rm(dir, { recursive: true });
  });
  process.env['PATH'] = dir;
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    module: new URL('elsewhere.ts', `file://${dir}/`).href,
  });
  const result = await experiment.run();
  expect(result.status).toBe('done');
  expect(result.provenance.git).toBeUndefined();
});

test('the definition tells the code, params, conditions and data of a run apart, and nothing else', async () => {
  const define = async (weight: number, options: { k?: number; code?: () => void; n?: number }) => {
    const step = pipelineStep({ name: 'step', params: { weight }, run: options.code ?? (() => {}) });
    const experiment = new Experiment({
      datasource: { fetch: () => 0, fingerprint: () => `n=${options.n ?? 0}` },
      pipeline: [step()],
      treatments: [treatment('t', { weight: options.k ?? 2 })],
      replicates: 2,
    });
    return (await experiment.run()).provenance.definition();
  };
  const same = await define(1, {});
  expect(await define(1, {})).toEqual(same);
  const params = await define(9, {});
  expect(params.pipeline[0]).toMatchObject({ code: same.pipeline[0]?.code });
  expect(params.pipeline[0]?.params).not.toBe(same.pipeline[0]?.params);
  const code = await define(1, { code: () => void 0 });
  expect(code.pipeline[0]).toMatchObject({ params: same.pipeline[0]?.params });
  expect(code.pipeline[0]?.code).not.toBe(same.pipeline[0]?.code);
  const condition = await define(1, { k: 3 });
  expect(condition.conditions).toMatchObject({ baseline: same.conditions['baseline'] });
  expect(condition.conditions['t']).not.toBe(same.conditions['t']);
  expect((await define(1, { n: 1 })).datasource).not.toBe(same.datasource);
});
