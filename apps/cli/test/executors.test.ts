import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executorConflict } from '../src/commands/run/executor-options.ts';
import { RESUMABLE, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';
import { QUEUE_PACKAGE_FILES } from './helpers/stand-ins.ts';

/** Each replicate of two ends only when the other one has begun. */
const MEETING = `
import { Experiment, datasource, pipelineStep } from '@crystallize/core';
const both = Promise.withResolvers<void>();
let here = 0;
const meet = pipelineStep({
  name: 'meet',
  async run(x: number, ctx) { if (++here === 2) both.resolve(); await both.promise; ctx.record('x', x); return x; },
});
export const meeting = new Experiment({
  name: 'meeting', datasource: datasource((ctx) => ctx.replicate), pipeline: [meet()], replicates: 2, seed: 1,
});
`;

/** Records in which thread each cell runs. */
const THREADS = SCALING.replace("'as text'", "process.pid + '/' + threadId").replace(
  'import',
  "import { threadId } from 'node:worker_threads';\nimport",
);

test('--concurrency overlaps cells in one thread', async () => {
  await using project = await Project.with({ 'meeting.ts': MEETING });
  const { code, stderr } = await project.crystallize(['run', 'meeting.ts', '--concurrency', '2']);
  expect(code, stderr).toBe(0);
});

describe('--workers', () => {
  test('runs cells in workers, with the numbers of a run without, and resumes what they have stored', async () => {
    // Of a package without a type Node says that it has to look twice, unless it is kept back, in workers as well.
    const files = { 'package.json': '{}', 'threads.ts': THREADS, 'resumable.ts': RESUMABLE };
    await using project = await Project.with(files);
    const threads = await project.crystallize(['run', '--workers', 'threads.ts', '--json']);
    expect([threads.code, threads.stderr]).toEqual([0, expect.not.stringContaining('Warning')]);
    const { baseline } = JSON.parse(threads.stdout);
    expect(baseline.metrics.total).toEqual([10, 11, 12, 13]);
    for (const thread of baseline.metrics.label) expect(thread).toMatch(/^\d+\/[1-9]\d*$/);

    const store = ['--store', 'kept', '--workers', '2'];
    const failed = await project.crystallize(['run', 'resumable.ts', ...store], { FAIL_AT: '2' });
    expect(failed.code, failed.stderr).toBe(1);
    expect(failed.stderr).toContain('no luck with 2');
    const resumed = await project.crystallize(['run', 'resumable.ts', ...store, '--resume']);
    expect(resumed.stdout, resumed.stderr).toContain('2 run, 10 restored');
    expect(resumed.stdout).toContain(`stored in ${join(project.folder, 'kept/resumable/v0')}`);
    const ran = await readFile(join(project.folder, 'cells.log'), 'utf8');
    expect(ran.trim().split('\n')).toHaveLength(14);
  });

  test('shows what goes on in workers, and stops them on Ctrl-C with what had ended kept', async () => {
    await using project = await Project.with({ 'a.ts': RESUMABLE });
    const running = project.start(['run', 'a.ts', '--workers', '2'], { WAIT_AT: '3' });
    await running.said('[baseline #3 fit] now it waits');
    await running.said('[doubled #3 fit] now it waits');
    running.process.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/stopping, waiting for what is under way \(\d cells\)/);
    expect(stderr).toMatch(
      /resumable: 6 of 12 cells ended, .*; stored in .*\n {2}Resume it with: crystallize run a\.ts --workers 2 --resume\n$/,
    );
  });

  test('refuses what a worker would make otherwise, before anything runs, and ends with 2', async () => {
    const changing = SCALING.replace('factor: 2', 'factor: process.pid + performance.now()');
    await using project = await Project.with({ 'a.ts': changing });
    const { code, stdout, stderr } = await project.crystallize(['run', 'a.ts', '--workers', '1']);
    expect(stderr).toContain("A worker makes another experiment 'scaling' than the main process has");
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('--queue', () => {
  test('hands the cells to the queue of the Redis that was named, else of the environment', async () => {
    await using project = await Project.with({ ...QUEUE_PACKAGE_FILES, 'a.ts': SCALING });
    const told = async (args: readonly string[], env: Record<string, string> = {}) => {
      const run = await project.crystallize(['run', 'a.ts', '--queue', 'q', ...args], env);
      expect(run.code, run.stderr).toBe(0);
      return JSON.parse(await readFile(join(project.folder, 'run.json'), 'utf8')).options;
    };
    const redis = 'redis://lab:1';
    expect(await told(['--redis', redis], { REDIS_URL: 'redis://no' })).toEqual({
      queue: 'q',
      connection: redis,
    });
    expect(await told([], { REDIS_URL: redis })).toMatchObject({ connection: redis });
    expect(await told([], { REDIS_URL: '' })).toMatchObject({ connection: 'redis://127.0.0.1:6379' });
  });

  test('says what to install where the package is missing, and shows no password', async () => {
    await using project = await Project.with({ 'a.ts': SCALING });
    const missing = await project.crystallize(['run', 'a.ts', '--queue', 'q']);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      'crystallize: --queue needs the package @crystallize/bullmq, which is not installed here. Install it: npm install @crystallize/bullmq.\n',
    ]);
    const explained = await project.crystallize(['run', 'a.ts', '--queue', 'q', '--explain']);
    expect(explained.stderr).not.toContain('bullmq');
  });

  test('shows no password where the connection is refused', async () => {
    await using project = await Project.with({ ...QUEUE_PACKAGE_FILES, 'a.ts': SCALING });
    const args = ['run', 'a.ts', '--queue', 'q', '--redis', 'http://me:secret@lab'];
    const { code, stderr } = await project.crystallize(args);
    expect([code, stderr]).toEqual([2, 'crystallize: http://***@lab is no URL of a Redis.\n']);
  });
});

describe('ways to run the cells', () => {
  test.each([
    [{ workers: 2, concurrency: 2 }, '--workers and --concurrency are ways to run the cells'],
    [{ workers: true, queue: 'q' }, '--workers and --queue are ways'],
    [{ redis: 'redis://lab' }, '--redis goes with --queue, which was not given.'],
    [{ queue: 'q', redis: 'redis://lab' }, undefined],
    [{}, undefined],
  ] as const)('%j', (options, says) => {
    const conflict = executorConflict(options);
    if (says === undefined) expect(conflict).toBeUndefined();
    else expect(conflict).toContain(says);
  });

  test.each([
    [['--workers', '0', 'a.ts'], "argument '0' is invalid. It takes a whole number from 1."],
    [['--workers', 'two', 'a.ts'], "'two' is no number of workers, and the file is 'a.ts'"],
    [
      ['a.ts', '--workers', '2', '--concurrency', '2'],
      '--workers and --concurrency are ways to run the cells',
    ],
  ])('%j is refused', async (args, says) => {
    await using project = await Project.with({ 'a.ts': SCALING });
    const { code, stderr } = await project.crystallize(['run', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});
