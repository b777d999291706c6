import { hash } from 'node:crypto';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, memoryStore } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep, StorageError } from '@crystallize/core';
import { expect, test } from 'vitest';
import { caching, note, runsIn } from './caching.ts';
import { tempFolder } from './temp-folder.ts';
import { listTree } from './tree.ts';

/** Ways in which a file may come to hold something else. */
const damages: Readonly<Record<string, (path: string) => Promise<void>>> = {
  emptied: (path) => truncate(path, 0),
  'cut by a byte': async (path) => truncate(path, (await readFile(path)).length - 1),
  'cut in the middle': async (path) => truncate(path, (await readFile(path)).length >> 1),
  'changed in its first byte': (path) => flip(path, () => 0),
  'changed in the middle': (path) => flip(path, (length) => length >> 1),
  'changed in its last byte': (path) => flip(path, (length) => length - 1),
  'longer by a byte': async (path) =>
    writeFile(path, Buffer.concat([await readFile(path), Buffer.from(' ')])),
  'another object of the cache': async (path) =>
    writeFile(path, path.includes('/entries/') ? await otherEntry(path) : sealed({ reads: [['condition']] })),
  gone: (path) => rm(path),
};

const parts = ['entries', 'steps', 'artifacts'] as const;

test.each(parts.flatMap((part) => Object.keys(damages).map((damage) => [part, damage] as const)))(
  'when a file of %s is %s, the step runs, and the cache is whole again',
  async (part, damage) => {
    await using folder = await tempFolder();
    const make = () =>
      caching(folder.path, new ArtifactPlugin({ rootDir: join(folder.path, 'root'), durability: 'process' }));
    const fresh = await make().run();
    const cache = join(folder.path, 'root/caching/.crystallize/cache');
    const whole = await contents(cache);
    const victim = [...whole.keys()].find((path) => path.startsWith(`${part}/`)) ?? '';
    await damages[damage]?.(join(cache, victim));
    const repaired = await make().run();
    expect(repaired.status).toBe('done');
    expect(repaired.baseline.metrics).toEqual(fresh.baseline.metrics);
    expect(repaired.treatments['double']?.metrics).toEqual(fresh.treatments['double']?.metrics);
    for (const file of fresh.artifacts) {
      const { condition, replicate } = file;
      expect(await repaired.artifact(note, { condition, replicate })?.text()).toMatch(
        new RegExp(`, factor ${condition === 'double' ? 2 : 1}$`),
      );
    }
    // A set of reads leads to the entries of two cells, but the first of them puts it right.
    expect(await runsIn(folder.path)).toBe(5);
    const silent = damage === 'gone' && part !== 'artifacts';
    expect(repaired.warnings).toEqual(
      silent ? [] : [expect.stringMatching(/cache of the step 'slow' was damaged/)],
    );
    expect(await contents(cache)).toEqual(whole);
    const later = await make().run();
    expect(later.warnings).toEqual([]);
    expect(await runsIn(folder.path)).toBe(5);
  },
);

test('any one byte of an entry changed, and any cut of it, is noticed', async () => {
  const store = memoryStore();
  let runs = 0;
  const step = pipelineStep({ name: 'step', version: '1', cacheable: true, run: () => ++runs });
  const run = () =>
    new Experiment({
      name: 'bytes',
      datasource: datasource(() => 0),
      pipeline: [step()],
      plugins: [new ArtifactPlugin({ store })],
    }).run();
  await run();
  const folder = 'bytes/.crystallize/cache/entries';
  const [found] = await Array.fromAsync(store.list(folder));
  const key = found?.key ?? '';
  const length = found?.size ?? 0;
  expect(length).toBeGreaterThan(100);
  for (let at = 0; at < length; at += 3) {
    const bytes = Buffer.from((await store.get(key)) ?? []);
    await store.put(
      key,
      at % 2 === 0 ? bytes.subarray(0, at) : bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8))),
    );
    const before = runs;
    await run();
    expect(runs, `at byte ${at}`).toBe(before + 1);
  }
});

test('a cache that can not be read costs one warning, and the steps run', async () => {
  await using folder = await tempFolder();
  const store = memoryStore();
  const failing = new Proxy(store, {
    get(_store, name) {
      if (name === 'get')
        return (key: string) =>
          key.includes('/cache/') ? Promise.reject(new StorageError(`EIO: ${key}`)) : store.get(key);
      const value: unknown = Reflect.get(store, name);
      return typeof value === 'function' ? value.bind(store) : value;
    },
  });
  await caching(folder.path, new ArtifactPlugin({ store })).run();
  const result = await caching(folder.path, new ArtifactPlugin({ store: failing })).run();
  expect(result.status).toBe('done');
  expect(result.warnings).toEqual([expect.stringMatching(/cache of steps could not be read.*EIO/)]);
  expect(await runsIn(folder.path)).toBe(8);
});

async function flip(path: string, where: (length: number) => number): Promise<void> {
  const bytes = await readFile(path);
  const at = where(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** Every file of a folder, with its bytes. */
async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = (await listTree(folder)).sort();
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await readFile(join(folder, path), 'latin1')] as const),
    ),
  );
}

async function otherEntry(path: string): Promise<Buffer> {
  const folder = join(path, '../..');
  const other = (await listTree(folder)).find((name) => !path.endsWith(name)) ?? '';
  return readFile(join(folder, other));
}

/** As the cache seals what it keeps. */
function sealed(data: unknown): string {
  const json = JSON.stringify(data);
  return `crystallize-cache ${hash('sha256', json)}\n${json}`;
}
