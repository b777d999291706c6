import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, memoryStore } from '@crystallize/artifacts';
import { AsyncExecution, StorageError } from '@crystallize/core';
import { expect, test } from 'vitest';
import { caching, note, runsIn } from './caching.ts';
import { tempFolder } from './temp-folder.ts';
import { listTree } from './tree.ts';
import { watchedStore } from './watched-store.ts';

const versioned = (folder: string) => new ArtifactPlugin({ rootDir: join(folder, 'root'), versioned: true });

test('later versions, of other instances, get the results of a step that has not changed', async () => {
  await using folder = await tempFolder();
  const first = await caching(folder.path, versioned(folder.path)).run();
  expect(await runsIn(folder.path)).toBe(4);
  for (const executor of [undefined, AsyncExecution({ concurrency: 4 })]) {
    const again = await caching(folder.path, versioned(folder.path), executor ? { executor } : {}).run();
    expect(await runsIn(folder.path)).toBe(4);
    expect(again.warnings).toEqual([]);
    for (const condition of ['baseline', 'double']) {
      const [fresh, cached] = [first, again].map((result) =>
        condition === 'baseline' ? result.baseline : result.treatments.double,
      );
      expect(cached?.cells.map(({ metrics }) => metrics)).toEqual(fresh?.cells.map(({ metrics }) => metrics));
      for (const replicate of [0, 1]) {
        const file = again.artifact(note, { condition, replicate });
        expect(await file?.load()).toBe(await first.artifact(note, { condition, replicate })?.load());
        expect(await file?.path()).toBe(
          join(again.dir ?? '', `replicate_${replicate}/${condition}/slow/note.txt`),
        );
      }
    }
  }
});

test('further replicates and what the step reads anew run; an unversioned run uses the cache as well', async () => {
  await using folder = await tempFolder();
  const plugin = new ArtifactPlugin({ rootDir: join(folder.path, 'root') });
  await caching(folder.path, plugin).run();
  await caching(folder.path, plugin, { replicates: 3 }).run();
  expect(await runsIn(folder.path)).toBe(6);
  const result = await caching(folder.path, plugin).run();
  expect(await runsIn(folder.path)).toBe(6);
  expect(await result.artifact(note, { replicate: 1 })?.load()).toMatch(/^seed/);
  expect([...result.provenance.cells()].map(({ steps }) => steps.map(({ cached }) => cached))).toEqual(
    Array.from({ length: 4 }, () => [true, false]),
  );
});

test('all of the cache lies in one folder, and may be deleted at any time', async () => {
  await using folder = await tempFolder();
  const plugin = versioned(folder.path);
  const before = await caching(folder.path, plugin).run();
  const cache = join(folder.path, 'root/caching/.crystallize/cache');
  const kept = await listTree(cache);
  // Four entries, with an artifact each, and what each of the two steps' keys has read.
  expect(kept.map((path) => path.split('/')[0]).sort()).toEqual([
    ...Array.from({ length: 4 }, () => 'artifacts'),
    ...Array.from({ length: 4 }, () => 'entries'),
    ...Array.from({ length: 2 }, () => 'steps'),
  ]);
  await rm(cache, { recursive: true });
  const after = await caching(folder.path, plugin).run();
  expect(after.warnings).toEqual([]);
  expect(after.baseline.metrics).toEqual(before.baseline.metrics);
  expect(await runsIn(folder.path)).toBe(8);
  expect(await listTree(cache)).toEqual(kept);
});

test('processes that run at the same time share a cache', async () => {
  await using folder = await tempFolder();
  const [first, ...others] = await runAtOnce(3, folder.path);
  for (const other of others) expect(other).toBe(first);
  expect(JSON.parse(first ?? '')[2]).toEqual([]);
  const runs = await runsIn(folder.path);
  expect(runs).toBeGreaterThanOrEqual(8);
  expect(runs).toBeLessThanOrEqual(24);
  expect(await runAtOnce(1, folder.path)).toEqual([first]);
  expect(await runsIn(folder.path)).toBe(runs);
});

test('a disk that takes nothing into the cache fails no run: one warning', async () => {
  await using folder = await tempFolder();
  const store = watchedStore(memoryStore(), (operation, key) => {
    if (operation === 'put' && key.includes('/cache/')) throw new StorageError(`ENOSPC: ${key}`);
  });
  const result = await caching(folder.path, new ArtifactPlugin({ store })).run();
  expect(result.status).toBe('done');
  expect(result.warnings).toEqual([expect.stringMatching(/cache of steps could not be written.*ENOSPC/)]);
  expect(result.artifacts).toHaveLength(4);
});

test('a disk that takes no artifact of an answered step stops the run', async () => {
  await using folder = await tempFolder();
  let full = false;
  const store = watchedStore(memoryStore(), (operation, key) => {
    if (full && operation === 'put' && key.endsWith('note.txt')) throw new StorageError('ENOSPC');
  });
  await caching(folder.path, new ArtifactPlugin({ store })).run();
  full = true;
  await expect(caching(folder.path, new ArtifactPlugin({ store })).run()).rejects.toThrow(/ENOSPC/);
  expect(await runsIn(folder.path)).toBe(4);
});

test('what a step calls is code of the step; what another step does is not', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'made.experiment.mjs');
  const write = (helper: string, other: string) =>
    Promise.all([
      writeFile(join(folder.path, 'helper.mjs'), `export const twice = (n) => ${helper};\n`),
      writeFile(path, moduleOf(folder.path, other)),
    ]);
  const outputs: unknown[] = [];
  for (const [helper, other] of [
    ['n * 2', 'data + 1'],
    ['n * 2 // the same', 'data + 2'],
    ['n + n + n', 'data + 2'],
    ['n * 2', 'data + 1'],
  ] as const) {
    await write(helper, other);
    outputs.push(JSON.parse(await run(path)));
  }
  expect(outputs).toEqual([
    { output: 21, cached: [false] },
    { output: 22, cached: [true] },
    { output: 32, cached: [false] },
    { output: 21, cached: [true] },
  ]);
});

/** An experiment of a cacheable step that calls a helper, and of one that is not cacheable. */
function moduleOf(folder: string, other: string): string {
  return `import { datasource, Experiment, pipelineStep } from ${JSON.stringify(import.meta.resolve('@crystallize/core'))};
import { ArtifactPlugin } from ${JSON.stringify(import.meta.resolve('@crystallize/artifacts'))};
import { twice } from './helper.mjs';
const call = pipelineStep({ name: 'call', cacheable: true, run: (data) => twice(data) });
const other = pipelineStep({ name: 'other', run: (data, ctx) => { ctx.record('output', ${other}); } });
const experiment = new Experiment({
  name: 'made',
  datasource: datasource(() => 10),
  pipeline: [call(), other()],
  plugins: [new ArtifactPlugin({ rootDir: ${JSON.stringify(join(folder, 'root'))} })],
});
const result = await experiment.run();
const cached = [...result.provenance.cells()].map(({ steps }) => steps[0].cached);
console.log(JSON.stringify({ output: result.baseline.metrics.output[0], cached }));
`;
}

async function run(path: string): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=crystallize-source', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const piece of child.stdout) text += piece;
  return text;
}

/** What processes print that are let go at the same moment. */
async function runAtOnce(count: number, ...args: string[]): Promise<string[]> {
  const path = fileURLToPath(new URL('children/run-caching.ts', import.meta.url));
  const children = Array.from({ length: count }, () => {
    const child = spawn(process.execPath, ['--conditions=crystallize-source', path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  });
  const next = async ({ lines }: (typeof children)[number]) => String((await lines.next()).value);
  expect(await Promise.all(children.map(next))).toEqual(children.map(() => 'ready'));
  for (const { child } of children) child.stdin.write('go\n');
  return Promise.all(children.map(next));
}
