/**
 * Uses the packages as strangers do: each project of `scripts/used-by` is copied into a folder of its own,
 * gets the packed packages from npm, and is run with plain node. Needs a build.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Checklist } from './lib/checklist.ts';
import { NO_REDIS, startRedis } from './lib/redis-server.ts';
import { packAll } from './lib/tarballs.ts';
import { tempFolder } from './lib/temp-folder.ts';
import { UserProject } from './lib/user-project.ts';

const check = new Checklist();
await using temp = await tempFolder('used-by');
const tarballs = new Map((await packAll(temp.path)).map(({ manifest, tarball }) => [manifest.name, tarball]));

await useCoreOnly();
await useOnDisk();
await useCommandLine();
await useOwnPlugin();
await useManyMachines();
check.end();

async function useCoreOnly(): Promise<void> {
  check.heading('An experiment with core alone');
  const project = await UserProject.install({
    name: 'core-only',
    parent: temp.path,
    tarballs: ['core'].map(tarballOf),
    tools: ['typescript', '@types/node'],
  });
  const seen: unknown[] = [];
  for (const file of ['experiment.mjs', 'experiment.ts']) {
    await check.attempt(`node ${file} runs it and tests its hypothesis`, async () => {
      const [said] = await project.json('node', file);
      const { status, baseline, doubled, tripled, seeds, hypothesis, warnings } = said as Scaling;
      strictEqual(status, 'done');
      deepStrictEqual(warnings, []);
      deepStrictEqual(
        baseline.total,
        [9, 12, 15, 18].map((total) => total - 3),
      );
      deepStrictEqual(
        doubled.total,
        baseline.total.map((total) => total * 2),
      );
      deepStrictEqual(
        tripled.total,
        baseline.total.map((total) => total * 3),
      );
      deepStrictEqual(seeds, [42, 31379, 62716, 94053]);
      deepStrictEqual(hypothesis.results, { doubled: { difference: 10.5 }, tripled: { difference: 21 } });
      deepStrictEqual(hypothesis.ranking, {
        best: 'tripled',
        ranked: [
          ['tripled', -21],
          ['doubled', -10.5],
        ],
      });
      deepStrictEqual(doubled.draw, baseline.draw, 'The conditions of a replicate draw the same numbers.');
      strictEqual(new Set(baseline.draw).size, 4, 'Each replicate draws its own.');
      seen.push(said);
    });
  }
  await check.attempt('JavaScript and TypeScript give the same id and the same numbers', () => {
    strictEqual(seen.length, 2);
    deepStrictEqual(seen[0], seen[1]);
  });
  await check.attempt('the compiler takes it, strictly, and refuses each of mistakes.ts', () =>
    project.typeCheck(),
  );
}

async function useOnDisk(): Promise<void> {
  check.heading('Runs on disk, with @crystallize/artifacts');
  const project = await UserProject.install({
    name: 'on-disk',
    parent: temp.path,
    tarballs: ['core', 'artifacts'].map(tarballOf),
    tools: ['typescript', '@types/node'],
  });
  const version = join(project.folder, 'runs/lines/v0');
  const json = (file: string): unknown => JSON.parse(readFileSync(join(version, file), 'utf8'));
  await check.attempt('a run is kept as version 0', async () => {
    const [said] = await project.json('node', 'experiment.ts');
    const expected = { status: 'done', version: 0, executed: 4, restored: 0, warnings: [] };
    const { dir, ...rest } = said as { dir: string };
    deepStrictEqual(rest, expected);
    strictEqual(dir, version);
  });
  await check.attempt('in the layout that is promised', () => {
    const { replicates, name, id } = json('metadata.json') as Record<string, unknown>;
    deepStrictEqual({ replicates, name }, { replicates: 2, name: 'lines' });
    match(String(id), /^[0-9a-f]{64}$/);
    deepStrictEqual(json('_manifest.json'), { 'line.json': 'fit' });
    deepStrictEqual(json('baseline/results.json'), { metrics: { slope: [1, 2] } });
    deepStrictEqual(json('heavy/results.json'), { metrics: { slope: [3, 6] } });
    ok(existsSync(join(version, 'baseline/.crystallize_complete')));
    ok(existsSync(join(version, 'heavy/.crystallize_complete')));
    deepStrictEqual(json('replicate_1/heavy/fit/line.json'), { slope: 6 });
  });
  await check.attempt('a second run is version 1', async () => {
    const [said] = await project.json('node', 'experiment.ts');
    strictEqual((said as { version: number }).version, 1);
  });
  await check.attempt('another process reads all of it without the experiment', async () => {
    const [first, second] = await project.json('node', 'read.ts');
    const { experiment, finished, conditions, heavy, artifacts } = first as Record<string, unknown>;
    deepStrictEqual(
      { experiment, finished, conditions },
      { experiment: 'lines', finished: true, conditions: ['baseline', 'heavy'] },
    );
    deepStrictEqual(heavy, { slope: [3, 6] });
    strictEqual((artifacts as unknown[]).length, 4);
    deepStrictEqual((artifacts as unknown[]).at(-1), [1, 'heavy', 'fit', 'line.json', { slope: 6 }]);
    deepStrictEqual((second as Record<string, unknown>).heavy, { slope: [3, 6] });
  });
  await check.attempt(
    'on workers, in threads and in processes, the numbers are those of a serial run',
    async () => {
      const [serial] = await project.json('node', 'parallel.ts');
      const { status, errors, warnings } = serial as Record<string, unknown>;
      deepStrictEqual({ status, warnings }, { status: 'failed', warnings: [] });
      strictEqual((errors as unknown[]).length, 2);
      for (const runtime of ['worker_threads', 'child_process']) {
        deepStrictEqual(await project.json('node', 'parallel.ts', runtime), [serial]);
      }
    },
  );
  await check.attempt('the compiler takes it, strictly', () => project.typeCheck());
}

async function useCommandLine(): Promise<void> {
  check.heading('The command line');
  const project = await UserProject.install({
    name: 'command-line',
    parent: temp.path,
    tarballs: ['core', 'artifacts', 'stats', 'cli'].map(tarballOf),
    tools: ['typescript', '@types/node'],
  });
  const crystallize = (...args: readonly string[]) =>
    project.try('npx', '--no', '--', 'crystallize', ...args);
  await check.attempt('run --json prints the result and ends with 0', async () => {
    const args = ['run', 'greeting.experiment.ts', '--json', '--no-config'];
    const { code, stdout, stderr } = await crystallize(...args);
    strictEqual(code, 0, stdout + stderr);
    const said = JSON.stringify(JSON.parse(stdout));
    match(said, /"length":\[11,11\]/);
    match(said, /"length":\[8,8\]/);
    const stored = JSON.parse(
      await readFile(join(project.folder, 'runs/greeting/v0/short/results.json'), 'utf8'),
    );
    deepStrictEqual(stored, { metrics: { length: [8, 8] } });
  });
  await check.attempt(
    'crystallize.config.ts names the experiments, their store and more plugins',
    async () => {
      const { code, stdout, stderr } = await crystallize('run', 'greeting', '--json');
      strictEqual(code, 0, stdout + stderr);
      deepStrictEqual(JSON.parse(stdout).warnings, ['announced by the config']);
      ok(existsSync(join(project.folder, 'kept/greeting/v0/short/results.json')));
      const verified = await crystallize('verify', 'greeting');
      strictEqual(verified.code, 0, verified.stdout + verified.stderr);
    },
  );
  await check.attempt('--workers gives the same numbers, with the same store', async () => {
    const args = ['run', 'greeting', '--workers', '2', '--store', 'elsewhere', '--json'];
    const { code, stdout, stderr } = await crystallize(...args);
    strictEqual(code, 0, stdout + stderr);
    match(stdout, /"length": \[\s*11,\s*11\s*\]/);
    ok(existsSync(join(project.folder, 'elsewhere/greeting/v0/short/results.json')));
  });
  await check.attempt('a config that is wrong ends it with 2 and is told', async () => {
    const { code, stderr } = await crystallize('run', 'greeting', '--config', 'wrong.config.ts');
    strictEqual(code, 2, stderr);
    match(stderr, /wrong\.config\.ts has the option 'stroe', which is unknown\. Did you mean 'store'\?/);
  });
  await check.attempt('a store or a queue whose package is missing names it', async () => {
    const store = await crystallize('run', 'greeting', '--store', 's3://bucket/prefix');
    deepStrictEqual([store.code, /npm install @crystallize\/store-s3/.test(store.stderr)], [2, true]);
    const queue = await crystallize('worker', '--queue', 'q');
    deepStrictEqual([queue.code, /npm install @crystallize\/bullmq/.test(queue.stderr)], [2, true]);
  });
  await check.attempt('a cell that fails ends it with 1 and is named', async () => {
    const { code, stdout, stderr } = await crystallize('run', 'failing.experiment.ts');
    strictEqual(code, 1, stdout + stderr);
    match(stdout + stderr, /Zero has no inverse/);
  });
  await check.attempt('what it does not understand ends it with 2 and is named', async () => {
    const { code, stdout, stderr } = await crystallize('run', 'greeting.experiment.ts', '--frobnicate');
    strictEqual(code, 2, stdout + stderr);
    match(stderr, /--frobnicate/);
  });
  await check.attempt('the compiler takes the experiments, strictly', () => project.typeCheck());
}

async function useOwnPlugin(): Promise<void> {
  check.heading("A stranger's plugins and store");
  const project = await UserProject.install({
    name: 'own-plugin',
    parent: temp.path,
    tarballs: ['core', 'artifacts'].map(tarballOf),
    tools: ['typescript', '@types/node', 'vitest'],
  });
  await check.attempt('an executor, a tracker and a store of their own work together', async () => {
    const [said] = await project.json('node', 'experiment.ts');
    const { status, warnings, plain, own, events, stored, notes, location } = said as Draws;
    deepStrictEqual({ status, warnings }, { status: 'done', warnings: [] });
    match(location, /map$/);
    deepStrictEqual(own, plain, 'Whatever the order of the cells, the numbers are the same.');
    const wide = own[1]?.drawn ?? [];
    strictEqual(wide.length, 3);
    deepStrictEqual(stored, { drawn: wide });
    deepStrictEqual(notes, { drawn: wide[2] });
    const once = { 'run:start': 1, 'run:end': 1 };
    const perCell = { 'cell:start': 6, 'step:start': 6, 'step:end': 6, 'artifact:written': 6, 'cell:end': 6 };
    deepStrictEqual(events, { ...once, ...perCell });
  });
  await check.attempt('vitest runs the conformance suite on the store', async () => {
    const reporters = ['--reporter=default', '--reporter=json', '--outputFile.json=report.json'];
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters];
    const { code, stdout, stderr } = await project.try('node', ...vitest);
    strictEqual(code, 0, stdout + stderr);
    const report = await readFile(join(project.folder, 'report.json'), 'utf8');
    const { numPassedTests } = JSON.parse(report) as { numPassedTests: number };
    ok(numPassedTests >= 10, `It has run ${numPassedTests} tests.`);
  });
  await check.attempt('the compiler takes them, strictly', () => project.typeCheck());
}

async function useManyMachines(): Promise<void> {
  check.heading('A queue and a bucket');
  const project = await UserProject.install({
    name: 'many-machines',
    parent: temp.path,
    tarballs: ['core', 'artifacts', 'stats', 'cli', 'bullmq', 'store-s3'].map(tarballOf),
    tools: ['typescript', '@types/node'],
  });
  const crystallize = (...args: readonly string[]) =>
    project.try('npx', '--no', '--', 'crystallize', ...args);
  const run = ['run', 'counting.experiment.ts', '--json'];
  await check.attempt('without a server the error says how to start one', async () => {
    const { code, stderr } = await crystallize(...run, '--queue', 'cells', '--redis', 'redis://127.0.0.1:9');
    strictEqual(code, 1, stderr);
    match(stderr, /redis-server/);
  });
  await check.attempt('a bucket to which nobody gives the key is told, with the way to it', async () => {
    const { code, stderr } = await crystallize(
      ...run,
      '--store',
      's3://runs/team?endpoint=http://127.0.0.1:9',
    );
    strictEqual(code, 1, stderr);
    match(stderr, /credentials/);
  });
  if (NO_REDIS) {
    console.log(`  skipped: a worker runs the cells of a run. ${NO_REDIS}`);
  } else {
    await check.attempt('a worker runs the cells of a run', async () => {
      await using redis = await startRedis();
      const queue = ['--queue', 'cells', '--redis', redis.url];
      const stop = new AbortController();
      const worker = project.start(stop.signal, 'node_modules/.bin/crystallize', 'worker', ...queue);
      try {
        const { code, stdout, stderr } = await crystallize(...run, ...queue);
        strictEqual(code, 0, stdout + stderr);
        const { executed, warnings } = JSON.parse(stdout) as Record<string, unknown>;
        deepStrictEqual({ executed, warnings }, { executed: 12, warnings: [] });
        const results = join(project.folder, 'runs/counting/v0/tens/results.json');
        deepStrictEqual(JSON.parse(readFileSync(results, 'utf8')), {
          metrics: { count: [10, 20, 30, 40, 50, 60] },
        });
      } finally {
        stop.abort();
        await worker;
      }
    });
  }
  await check.attempt('the compiler takes it, strictly', () => project.typeCheck());
}

function tarballOf(name: string): string {
  const tarball = tarballs.get(`@crystallize/${name}`);
  if (!tarball) throw new Error(`There is no published package @crystallize/${name}.`);
  return tarball;
}

/** What the experiments of `core-only` print. */
interface Scaling {
  readonly status: string;
  readonly baseline: Measured;
  readonly doubled: Measured;
  readonly tripled: Measured;
  readonly seeds: readonly number[];
  readonly hypothesis: { readonly results: unknown; readonly ranking: unknown };
  readonly warnings: readonly string[];
}

interface Measured {
  readonly total: readonly number[];
  readonly draw: readonly number[];
}

/** What the experiment of `own-plugin` prints. */
interface Draws {
  readonly status: string;
  readonly warnings: readonly string[];
  readonly plain: readonly { readonly drawn: readonly number[] }[];
  readonly own: readonly { readonly drawn: readonly number[] }[];
  readonly events: unknown;
  readonly stored: unknown;
  readonly notes: unknown;
  readonly location: string;
}
