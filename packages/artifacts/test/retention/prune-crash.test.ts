import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtifactStore, fsStore, openRuns, type PruneReport, pruneRuns } from '@crystallize/artifacts';
import { StorageError } from '@crystallize/core';
import type { FileSystem } from '@crystallize/core/storage';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listTree, readTree } from '../plugin/tree.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { watchedFs } from '../stores/test-file-systems.ts';
import { storeSized } from './sized-runs.ts';

const settings = { artifactRetention: 2, bigFileThresholdMb: 0.01 };
let whole: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  whole = temporaryFolder();
  await storeSized({ rootDir: whole.path }, 3);
  const superseded = join(whole.path, 'sized/.crystallize/v0/superseded/1/replicate_0/other/write');
  await mkdir(superseded, { recursive: true });
  await writeFile(join(superseded, 'small.bin'), 'superseded');
  await writeFile(join(whole.path, 'sized/v0/replicate_0/other/mine.txt'), 'mine');
});

afterAll(() => whole[Symbol.dispose]());

/** The files of a pruned store, without when it was pruned. */
async function prunedTree(root: string): Promise<Record<string, string>> {
  const tree = await readTree(root);
  for (const path of Object.keys(tree)) {
    if (path.endsWith('pruned.json'))
      tree[path] = tree[path]?.replace(/"(prunedAt|check)": (\d+|"\w+"),?/g, '') ?? '';
    if (path.includes('.crystallize-tmp-')) delete tree[path];
  }
  return tree;
}

async function copy(): Promise<{ readonly path: string } & Disposable> {
  const folder = temporaryFolder();
  await cp(whole.path, folder.path, { recursive: true });
  return folder;
}

function isArtifact(path: string): boolean {
  return path.endsWith('.bin');
}

/** Everything is there or explained, and every record can be read. */
async function expectExplained(root: string, where: string): Promise<void> {
  const { faults } = await openRuns({ rootDir: root }).verify();
  expect(
    faults.filter(({ path }) => !path.endsWith('mine.txt')),
    where,
  ).toEqual([]);
  for (const version of await openRuns({ rootDir: root }).experiment('sized').versions()) {
    expect(version.finished, where).toBe(true);
    expect(await version.metrics('other'), where).toEqual({ replicate: [0] });
  }
}

describe('a prune that', () => {
  test.each([
    ['dies', undefined],
    ['meets one EIO', 'EIO'],
    ['meets one EACCES', 'EACCES'],
  ])(
    '%s at any of its changes leaves all whole or explained, and the next one finishes',
    async (_title, code) => {
      using done = await copy();
      await pruneRuns({ store: fsStore(done.path), ...settings });
      const expected = await prunedTree(done.path);
      expect(Object.keys(expected)).toContain('sized/v0/replicate_0/other/mine.txt');
      let partly = 0;
      for (let n = 1; ; n += 1) {
        using folder = await copy();
        const fs = failingFs(n, code);
        const report = await pruneRuns({ store: fsStore(folder.path, { fs }), ...settings }).catch(
          (error: Error) => error,
        );
        if (!fs.failed) {
          expect(await prunedTree(folder.path)).toEqual(expected);
          break;
        }
        const where = `change ${n}, ${fs.failed}`;
        const told = toldOf(report);
        // A lock that a dead process has left is taken over; here that process is this one.
        for (const path of await listTree(folder.path))
          if (path.endsWith('/lock')) await rm(join(folder.path, path));
        await expectExplained(folder.path, where);
        const between = await prunedTree(folder.path);
        const count = Object.keys(between).filter(isArtifact).length;
        if (count < 13 && count > 6) partly += 1;
        // Nothing is swallowed: what went wrong is told, unless all was done in spite of it.
        if (told === '') expect(between, where).toEqual(expected);
        await pruneRuns({ store: fsStore(folder.path), ...settings });
        expect(await prunedTree(folder.path), where).toEqual(expected);
      }
      expect(partly).toBeGreaterThan(3);
    },
  );
});

test('a prune that can not read something says so, and leaves all whole or explained', async () => {
  let told = 0;
  // Every seventh: most of them are the same for each file.
  for (let n = 1; ; n += 7) {
    using folder = await copy();
    const fs = failingFs(n, 'EIO', reading);
    const report = await pruneRuns({ store: fsStore(folder.path, { fs }), ...settings }).catch(
      (error: Error) => error,
    );
    if (!fs.failed) break;
    const where = `read ${n}, ${fs.failed}`;
    if (toldOf(report) !== '') told += 1;
    else expect(Object.keys(await prunedTree(folder.path)).filter(isArtifact), where).toHaveLength(6);
    await expectExplained(folder.path, where);
  }
  expect(told).toBeGreaterThan(20);
});

test('a dry run changes nothing and reports what the real one then does, whatever is kept and whoever reads', async () => {
  const settingsOf = fc.record({
    artifactRetention: fc.integer({ min: -1, max: 4 }),
    bigFileThresholdMb: fc.constantFrom(0, 0.00001, 0.01, 1),
    held: fc.subarray([0, 1, 2]),
    first: fc.option(
      fc.record({
        artifactRetention: fc.integer({ min: 1, max: 3 }),
        bigFileThresholdMb: fc.constantFrom(0.01, 1),
      }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(settingsOf, async ({ held, first, ...given }) => {
      using folder = await copy();
      const store: ArtifactStore = fsStore(folder.path, { durability: 'process' });
      if (first) await pruneRuns({ store, ...first });
      await using readers = new AsyncDisposableStack();
      for (const version of await openRuns({ store }).experiment('sized').versions()) {
        const hold = held.includes(version.version) ? await version.hold?.() : undefined;
        if (hold) readers.use(hold);
      }
      const before = await readTree(folder.path);
      const dry = await pruneRuns({ store, ...given, dryRun: true });
      expect(await readTree(folder.path)).toEqual(before);
      const real = await pruneRuns({ store, ...given });
      expect(real).toEqual({ ...dry, dryRun: false });
      const after = await readTree(folder.path);
      const removed = Object.keys(before)
        .filter((path) => !(path in after))
        .map((path) => join(folder.path, path));
      expect(removed).toEqual(
        real.versions.flatMap(({ artifacts }) => artifacts.map(({ path }) => path)).sort(),
      );
      const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
      expect(changed.filter((path) => !path.endsWith('/pruned.json'))).toEqual([]);
      expect((await pruneRuns({ store, ...given })).artifacts).toBe(0);
    }),
    { numRuns: 60 },
  );
});

/** What a prune says of trouble. */
function toldOf(report: PruneReport | Error): string {
  if (!(report instanceof Error)) {
    const { versions, troubles } = report;
    return [...versions.map(({ trouble }) => trouble ?? ''), ...troubles.map(({ message }) => message)].join(
      '',
    );
  }
  expect(report).toBeInstanceOf(StorageError);
  return report.message;
}

/** What changes something, or makes it safe. */
const changing = new Set([
  'write',
  'writeAsync',
  'fsync',
  'fdatasync',
  'mkdir',
  'link',
  'rename',
  'unlink',
  'rmdir',
]);

const reading = new Set(['open', 'lstat', 'fstat', 'read', 'readAsync', 'readdir', 'realpath']);

/** A file system of which the n-th change fails; without a code, as for a process that dies there, all that follows. */
function failingFs(
  n: number,
  code?: string,
  failing: ReadonlySet<string> = changing,
): FileSystem & { readonly failed: string | undefined } {
  let count = 0;
  let failed: string | undefined;
  const fs = watchedFs(({ operation }) => {
    if (failing.has(operation)) count += 1;
    const isDue = code === undefined ? count >= n : count === n && failing.has(operation);
    if (!isDue || operation === 'pathOf' || operation === 'close') return;
    failed ??= operation;
    throw Object.assign(new Error(`${code ?? 'EIO'}: injected`), { code: code ?? 'EIO' });
  });
  return Object.defineProperty(fs, 'failed', { get: () => failed }) as ReturnType<typeof failingFs>;
}
