// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control sequences are what it is about
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { QueueWorkerEvent } from '../src/commands/worker/queue-package.ts';
import { eventLine, WorkerState } from '../src/commands/worker/worker-state.ts';
import { Project } from './helpers/project.ts';
import { Screen } from './helpers/screen.ts';
import { QUEUE_PACKAGE_FILES } from './helpers/stand-ins.ts';
import { hasTerminal, onTerminal } from './helpers/terminal.ts';

const cell = (replicate: number) => ({ experiment: 'penguins', condition: 'k=1', replicate });
const ended = (replicate: number, status: string, error?: string): QueueWorkerEvent => ({
  type: 'cell:end',
  ...cell(replicate),
  status,
  duration: 250,
  ...(error === undefined ? {} : { error }),
});

const EVENTS: readonly QueueWorkerEvent[] = [
  { type: 'cell:start', ...cell(5) },
  { type: 'cell:start', ...cell(6) },
  { type: 'cell:start', ...cell(7) },
  ended(5, 'done'),
  ended(6, 'failed', 'k is\n\x1b[2J too large'),
  { type: 'refused', experiment: 'penguins', reason: 'The code of fit.ts differs.' },
  { type: 'warning', message: 'Redis is gone; trying again.' },
];
const env = { EVENTS: JSON.stringify(EVENTS) };
const withPackage = () => Project.with({ ...QUEUE_PACKAGE_FILES, 'package.json': '{}', 'src/a.txt': '' });
const toldTo = async (project: Project, file = 'worker.json') =>
  JSON.parse(await readFile(join(project.folder, file), 'utf8'));

describe('crystallize worker', () => {
  test('tells of each cell in a line, waits at the first signal for what is under way, and ends with 0', async () => {
    await using project = await withPackage();
    const args = ['worker', '--queue', 'q', '--concurrency', '3', '--redis', 'rediss://me:secret@lab/1'];
    const running = project.start(args, env);
    await running.said('trying again');
    running.process.kill('SIGTERM');
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr.split('\n')).toEqual([
      "crystallize: waiting for cells of the queue 'q', 3 cells at a time",
      'penguins k=1 #5 done in 250 ms',
      'penguins k=1 #6 failed in 250 ms: k is too large',
      "crystallize: 'penguins' is refused: The code of fit.ts differs.",
      'crystallize: warning: Redis is gone; trying again.',
      'crystallize: stopping, waiting for 1 cell under way (penguins k=1 #7); once more ends it at once.',
      'penguins k=1 #7 done in 1.2 s',
      '',
    ]);
    expect(await toldTo(project)).toEqual({
      queue: 'q',
      connection: 'rediss://me:secret@lab/1',
      concurrency: 3,
      root: project.folder,
      runtime: 'worker_threads',
    });
  });

  test('takes the nearest folder with a package.json, all cores and the Redis of the environment', async () => {
    await using project = await withPackage();
    const shell = (words: string, more: Record<string, string> = {}) =>
      project.shell(`cd src && crystallize worker --queue q ${words}`, { FAIL: '1', ...more });
    await shell('', { REDIS_URL: 'redis://env' });
    expect(await toldTo(project, 'src/worker.json')).toMatchObject({
      connection: 'redis://env',
      concurrency: availableParallelism(),
      root: project.folder,
    });
    await shell('--root . --runtime processes');
    expect(await toldTo(project, 'src/worker.json')).toMatchObject({
      connection: 'redis://127.0.0.1:6379',
      root: join(project.folder, 'src'),
      runtime: 'child_process',
    });
  });

  test('ends at once at the second signal', async () => {
    await using project = await withPackage();
    const running = project.start(['worker', '--queue', 'q'], { ...env, STUBBORN: '1' });
    await running.said('trying again');
    running.process.kill('SIGINT');
    await running.said('stopping');
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });

  test('ends with 1 and a sentence where Redis can not be reached, without its password', async () => {
    await using project = await withPackage();
    const args = ['worker', '--queue', 'q', '--redis', 'redis://me:secret@lab'];
    const { code, stderr } = await project.crystallize(args, { FAIL: '1' });
    expect([code, stderr]).toEqual([1, 'crystallize: Redis could not be reached at redis://***@lab.\n']);
  });

  test.each<[what: string, args: readonly string[], says: string]>([
    ['the queue is not named', [], "required option '--queue <name>' not specified."],
    [
      'a count is none',
      ['--queue', 'q', '--concurrency', '0'],
      "argument '0' is invalid. It takes a whole number",
    ],
    [
      'a kind of worker is unknown',
      ['--queue', 'q', '--runtime', 'x'],
      'Allowed choices are threads, processes',
    ],
    [
      'the root is no folder',
      ['--queue', 'q', '--root', 'no'],
      '--root no is no folder. Name the one below which',
    ],
    [
      'the package is missing',
      ['--queue', 'q'],
      'crystallize worker needs the package @crystallize/bullmq, which is not installed here. Install it: npm install @crystallize/bullmq.',
    ],
  ])('ends with 2 and a sentence where %s', async (_what, args, says) => {
    await using project = await Project.with({});
    const { code, stdout, stderr } = await project.crystallize(['worker', ...args]);
    expect(stderr).toContain(`crystallize: `);
    expect(stderr).toContain(says);
    expect([code, stdout]).toEqual([2, '']);
  });

  test.skipIf(!hasTerminal)('on a terminal has one line, with what went wrong above it', async () => {
    await using project = await withPackage();
    const more = JSON.stringify([...EVENTS, { type: 'cell:start', ...cell(8) }]);
    const running = onTerminal(project, ['worker', '--queue', 'q'], { env: { EVENTS: more, STOP: '1' } });
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(0);
    const screen = new Screen(80);
    screen.write(stdout.replaceAll('\r\n', '\n').replace(/\x1b\[\d+m/g, ''));
    expect(screen.lines).toEqual([
      'penguins k=1 #6 failed in 250 ms: k is too large',
      "crystallize: 'penguins' is refused: The code of fit.ts differs.",
      'crystallize: warning: Redis is gone; trying again.',
      'crystallize: stopping, waiting for 2 cells under way (penguins k=1 #7, penguins k=1 #8); once more ends it at once.',
      'stopping  2 done  1 failed  penguins k=1 #8',
    ]);
    expect(screen.cursorHidden).toBe(false);
  });
});

describe('the state of a worker', () => {
  test('counts what ended, and names the cell that was started last', () => {
    const state = new WorkerState();
    expect(state.line(false)).toBe('0 done  connecting');
    state.take({ type: 'ready', queue: 'q', concurrency: 2 });
    expect(state.line(false)).toBe('0 done  waiting for cells');
    for (const event of EVENTS) state.take(event);
    state.take({ type: 'cell:start', ...cell(8) });
    expect(state.line(false)).toBe('1 done  1 failed  penguins k=1 #8 (2 cells under way)');
    for (const replicate of [7, 8]) state.take(ended(replicate, 'aborted'));
    expect(state.line(true)).toBe('stopping  1 done  1 failed  2 given up  closing');
  });

  test('keeps cells of two runs apart that are called the same', () => {
    const state = new WorkerState();
    for (let run = 0; run < 2; run++) state.take({ type: 'cell:start', ...cell(1) });
    state.take(ended(1, 'done'));
    expect(state.underWay).toHaveLength(1);
  });

  test('of a cell that is done is told only where there is no line that counts', () => {
    expect(eventLine(ended(1, 'done'), false)).toBeUndefined();
    expect(eventLine(ended(1, 'aborted'), false)).toBe('penguins k=1 #1 given up in 250 ms');
    expect(eventLine({ type: 'stopped' }, true)).toBeUndefined();
  });
});
