import { cp, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRuns, type Verification } from '@crystallize/artifacts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readTree } from '../plugin/tree.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { storeMixed } from './mixed-run.ts';

let whole: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  whole = temporaryFolder();
  await storeMixed(whole.path);
});

afterAll(() => whole[Symbol.dispose]());

const v0 = 'mixed/v0';
const records = 'mixed/.crystallize/v0';
const model = `${v0}/replicate_1/double/fit/model.json`;
const other = `${v0}/replicate_1/baseline/fit/model.json`;
const ofFailed = `${v0}/replicate_1/negative/prepare/debug.txt`;
const log = `${records}/cells.0.log`;

/** Changes the bytes of a file. */
const edit = (path: string, change: (bytes: Buffer) => Uint8Array | string) => async (root: string) => {
  await writeFile(join(root, path), change(await readFile(join(root, path))));
};
const flip = (path: string, at = 0.5) =>
  edit(path, (bytes) => {
    const place = Math.floor((bytes.length - 1) * at);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    return bytes;
  });
const change = (path: string, from: string, to: string) =>
  edit(path, (bytes) => {
    const text = bytes.toString();
    expect(text).toContain(from);
    return text.replace(from, to);
  });
const add =
  (path: string, text = 'extra') =>
  async (root: string) => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  };
const remove = (path: string) => (root: string) => rm(join(root, path), { recursive: true });
const cut = (path: string, bytes: number) => (root: string) => truncate(join(root, path), bytes);
const cutAfterLines = (path: string, lines: number) =>
  edit(path, (bytes) => bytes.toString().split('\n').slice(0, lines).join('\n').concat('\n'));

type Planted = readonly [
  title: string,
  plant: (root: string) => Promise<unknown>,
  kind: string,
  path: string,
];

const planted: readonly Planted[] = [
  ['a bit flip in an artifact', flip(model), 'altered', model],
  ['a bit flip in what a failed cell wrote', flip(ofFailed), 'altered', ofFailed],
  ['an artifact cut short', cut(model, 5), 'cut-short', model],
  ['an artifact made empty', cut(model, 0), 'cut-short', model],
  ['an artifact made longer', edit(model, (bytes) => Buffer.concat([bytes, bytes])), 'altered', model],
  ['an artifact with a tail of zeros', edit(model, (bytes) => bytes.fill(0, 10)), 'altered', model],
  ['a missing artifact', remove(model), 'missing', model],
  ['a missing replicate', remove(`${v0}/replicate_1`), 'missing', model],
  ['a missing version', remove(v0), 'missing', model],
  [
    'an extra file beside an artifact',
    add(`${v0}/replicate_0/double/fit/notes.txt`),
    'unlisted',
    'notes.txt',
  ],
  [
    'an extra file of a cell that never was',
    add(`${v0}/replicate_7/double/fit/x`),
    'unlisted',
    'replicate_7/double/fit/x',
  ],
  ['an extra file in the version', add(`${v0}/.DS_Store`), 'unlisted', '.DS_Store'],
  ['an extra file beside the results', add(`${v0}/double/results.json.bak`), 'unlisted', 'results.json.bak'],
  [
    'results of a condition that was not run',
    add(`${v0}/triple/results.json`, '{"metrics":{}}'),
    'unlisted',
    'triple/results.json',
  ],
  ['an extra file beside the records', add(`${records}/cells.txt`), 'unlisted', 'cells.txt'],
  [
    'an extra file in the private folder',
    add('mixed/.crystallize/notes.txt'),
    'unlisted',
    '.crystallize/notes.txt',
  ],
  [
    'an extra folder in the private folder',
    add('mixed/.crystallize/v01/x'),
    'unlisted',
    '.crystallize/v01/x',
  ],
  [
    'two artifacts swapped',
    async (root) => {
      await rename(join(root, model), join(root, 'kept'));
      await rename(join(root, other), join(root, model));
      await rename(join(root, 'kept'), join(root, other));
    },
    'altered',
    model,
  ],
  [
    'a name in another case',
    (root) => rename(join(root, model), join(root, v0, 'replicate_1/double/fit/Model.json')),
    'missing',
    model,
  ],
  [
    'a marker without its cells',
    add(`${v0}/negative/.crystallize_complete`, ''),
    'inconsistent',
    `${v0}/negative/.crystallize_complete`,
  ],
  [
    'a marker that is missing',
    remove(`${v0}/double/.crystallize_complete`),
    'missing',
    `${v0}/double/.crystallize_complete`,
  ],
  [
    'a marker that is not empty',
    add(`${v0}/double/.crystallize_complete`, 'yes'),
    'altered',
    `${v0}/double/.crystallize_complete`,
  ],
  [
    'a log cut off in the middle of an entry',
    edit(log, (bytes) => bytes.subarray(0, bytes.length / 2)),
    'cut-short',
    log,
  ],
  ['a log cut off between two entries', cutAfterLines(log, 3), 'cut-short', log],
  [
    'a log without its last entry',
    edit(log, (bytes) => bytes.subarray(0, bytes.lastIndexOf('\n', -2) + 1)),
    'cut-short',
    log,
  ],
  ['a log that is empty', cut(log, 0), 'cut-short', log],
  ['a damaged log', flip(log), 'unreadable', log],
  ['a log whose last entry is damaged', flip(log, 0.995), 'cut-short', log],
  ['a log with something after its end', edit(log, (bytes) => `${bytes}{"type":"cell"}`), 'altered', log],
  ['a deleted log', remove(log), 'missing', log],
  ['deleted records', remove(records), 'missing', log],
  ['a deleted claim', remove(`${records}/run.json`), 'missing', `${records}/run.json`],
  [
    'a damaged claim',
    change(`${records}/run.json`, '"run": "', '"run" "'),
    'unreadable',
    `${records}/run.json`,
  ],
  [
    'a claim of another run',
    (root: string) => cp(join(root, 'mixed/.crystallize/v1/run.json'), join(root, `${records}/run.json`)),
    'inconsistent',
    `${records}/run.json`,
  ],
  [
    'altered metadata',
    change(`${v0}/metadata.json`, '"seed":3', '"seed":2'),
    'inconsistent',
    `${v0}/metadata.json`,
  ],
  [
    'metadata with another count',
    change(`${v0}/metadata.json`, '"replicates":2', '"replicates":3'),
    'inconsistent',
    `${v0}/metadata.json`,
  ],
  [
    'metadata of another run',
    change(`${v0}/metadata.json`, '"run":"', '"run":"0'),
    'inconsistent',
    `${v0}/metadata.json`,
  ],
  ['metadata laid out anew', change(`${v0}/metadata.json`, ',', ', '), 'altered', `${v0}/metadata.json`],
  ['damaged metadata', cut(`${v0}/metadata.json`, 20), 'unreadable', `${v0}/metadata.json`],
  ['missing metadata', remove(`${v0}/metadata.json`), 'missing', `${v0}/metadata.json`],
  [
    'an altered manifest',
    change(`${v0}/_manifest.json`, '"model.json":"fit"', '"model.json":"prepare"'),
    'inconsistent',
    `${v0}/_manifest.json`,
  ],
  ['a damaged manifest', cut(`${v0}/_manifest.json`, 9), 'unreadable', `${v0}/_manifest.json`],
  ['a missing manifest', remove(`${v0}/_manifest.json`), 'missing', `${v0}/_manifest.json`],
  [
    'altered results',
    change(`${v0}/double/results.json`, '[0,2]', '[0,3]'),
    'inconsistent',
    `${v0}/double/results.json`,
  ],
  [
    'results with one value less',
    change(`${v0}/double/results.json`, '[0,2]', '[0]'),
    'inconsistent',
    `${v0}/double/results.json`,
  ],
  [
    'results laid out anew',
    change(`${v0}/double/results.json`, ':', ': '),
    'altered',
    `${v0}/double/results.json`,
  ],
  ['damaged results', cut(`${v0}/double/results.json`, 12), 'unreadable', `${v0}/double/results.json`],
  ['missing results', remove(`${v0}/double/results.json`), 'missing', `${v0}/double/results.json`],
  ...(['a folder', 'a link', 'a link that leads out', 'a dangling link'] as const).flatMap((what) =>
    [model, log, `${v0}/metadata.json`, `${v0}/double/results.json`].map(
      (path): Planted => [
        `${what} in place of ${path.split('/').at(-1)}`,
        replace(path, what),
        'altered',
        path,
      ],
    ),
  ),
];

function replace(path: string, what: 'a folder' | 'a link' | 'a link that leads out' | 'a dangling link') {
  return async (root: string): Promise<void> => {
    const place = join(root, path);
    if (what === 'a folder') {
      await rm(place);
      await mkdir(place);
      return;
    }
    // With the very same bytes behind it.
    const target = what === 'a link' ? join(root, 'kept') : join(root, '..', `kept-outside-${process.pid}`);
    if (what === 'a dangling link') await rm(place);
    else await rename(place, target);
    await symlink(what === 'a dangling link' ? join(root, 'nowhere') : target, place);
  };
}

async function verify(rootDir: string): Promise<Verification> {
  return openRuns({ rootDir }).verify();
}

test('a store as runs have left it has no fault, and all of it is read', async () => {
  const progress: number[] = [];
  const found = await openRuns({ rootDir: whole.path }).verify({
    onProgress: ({ artifacts }) => progress.push(artifacts),
  });
  expect(found).toMatchObject({ experiments: 1, versions: 2, artifacts: 36, faults: [], notes: [] });
  expect(found.bytes).toBeGreaterThan(36);
  expect(progress).toEqual(Array.from({ length: 36 }, (_, index) => index + 1));
});

describe('every planted fault is found and named, by its kind and path, and nothing is changed', () => {
  test.each(planted)('%s', async (_title, plant, kind, path) => {
    using folder = temporaryFolder();
    const root = join(folder.path, 'root');
    await cp(whole.path, root, { recursive: true, verbatimSymlinks: true });
    await plant(root);
    const before = await readTree(root);
    const { faults, notes, versions } = await verify(root);
    const named = faults.some((fault) => fault.kind === kind && fault.path.endsWith(path));
    expect(named, JSON.stringify(faults)).toBe(true);
    // v1 is judged as ever, and has no part in it.
    expect(versions).toBe(2);
    expect(faults.filter((fault) => fault.version === 1)).toEqual([]);
    for (const fault of faults) {
      expect(fault.experiment).toBe('mixed');
      expect(fault.message).toMatch(/\.$/);
    }
    expect(notes.filter((note) => note.includes('v1'))).toEqual([]);
    expect(await readTree(root)).toEqual(before);
    await rm(join(root, '..', `kept-outside-${process.pid}`), { force: true });
  });
});

test('a bit flipped anywhere in the files of a version is found', async () => {
  using folder = temporaryFolder();
  await cp(whole.path, folder.path, { recursive: true });
  const files = Object.keys(await readTree(folder.path)).filter((path) => path.includes('/v0/'));
  const missed: string[] = [];
  for (const path of files) {
    const bytes = await readFile(join(folder.path, path));
    const step = Math.max(1, Math.floor(bytes.length / 12));
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 7));
      await writeFile(join(folder.path, path), flipped);
      const { faults } = await openRuns({ rootDir: folder.path }).verify({ experiment: 'mixed', version: 0 });
      if (faults.length === 0) missed.push(`${path} at ${at}`);
    }
    await writeFile(join(folder.path, path), bytes);
  }
  expect(missed).toEqual([]);
});
