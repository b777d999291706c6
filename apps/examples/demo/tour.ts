import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';

const EXPERIMENT = 'penguin-training';
const READER = 'penguin-evaluation';
const CONDITION = 'scaled';
const SHOWN_LINES = 3;
const NOTE_COLUMN = 52;

/** What lies in the folder of the demo after a run: a tree with notes, and a look into three files. */
export async function tour(rootDir: string): Promise<string> {
  const folder = join(rootDir, EXPERIMENT);
  const versions = await versionsIn(folder);
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`${folder} holds no run. Start the demo first.`);
  const run = join(folder, newest);
  const replicates = (await readdir(run)).filter((name) => name.startsWith('replicate_')).length;
  const conditions = await readdir(join(run, 'replicate_0'));
  const files = join('replicate_0', CONDITION);
  const model = join(run, files, 'fit', 'model.json');
  const tree = [
    line(0, `${relative(process.cwd(), folder) || folder}/`),
    ...versions.slice(-3, -1).map((version) => line(1, `${version}/`, 'an earlier run')),
    line(1, `${newest}/`, 'this run: every run gets a version of its own'),
    line(2, 'metadata.json', 'what ran, when, on what code; there since all has ended'),
    line(2, '_manifest.json', 'which step wrote which artifact last'),
    ...conditions.flatMap((condition) =>
      condition === CONDITION
        ? [
            line(2, `${condition}/results.json`, `the metrics of ${replicates} replicates, in order`),
            line(2, `${condition}/.crystallize_complete`, 'there since every one of them is done'),
          ]
        : [],
    ),
    line(2, '…', `the same for ${conditions.filter((name) => name !== CONDITION).join(', ')}`),
    line(2, `${files}/`, 'a cell: one replicate under one condition'),
    line(3, 'fit/model.json', await sizeOf(model)),
    line(3, 'validate/predictions.csv', await sizeOf(join(run, files, 'validate', 'predictions.csv'))),
    line(2, '…', `and so on, to replicate_${replicates - 1}`),
    line(1, '.crystallize/', 'a record of each cell with its seed, params, hashes and times'),
  ];
  tree.push(
    '',
    `  ${relative(process.cwd(), rootDir) || rootDir}/${READER}/ has the same, and records which model each cell has read.`,
  );
  const looks = [
    look(join(run, CONDITION, 'results.json'), resultsOf),
    look(join(run, files, 'validate', 'predictions.csv'), firstLines),
    look(model, modelOf),
  ];
  return [...tree, '', ...(await Promise.all(looks))].join('\n');
}

/** `v0`, `v1`, … in the order of their numbers; a hidden or foreign folder is none. */
async function versionsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^v\d+$/.test(name)).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

function line(depth: number, name: string, note = ''): string {
  return `  ${`${'  '.repeat(depth)}${name}`.padEnd(note === '' ? 0 : NOTE_COLUMN)}${note}`;
}

async function sizeOf(path: string): Promise<string> {
  const { size } = await stat(path);
  return size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} KiB`;
}

async function look(path: string, shown: (text: string) => string): Promise<string> {
  const text = shown(await readFile(path, 'utf8'));
  const indented = text.split('\n').map((row) => `    ${row}`);
  return [`  ${relative(process.cwd(), path)}`, ...indented, ''].join('\n');
}

function firstLines(text: string): string {
  const lines = text.trimEnd().split('\n');
  return [...lines.slice(0, SHOWN_LINES), `… ${lines.length - SHOWN_LINES} more rows`].join('\n');
}

function resultsOf(text: string): string {
  return inspect(JSON.parse(text), { maxArrayLength: 5, depth: 3, breakLength: 100 });
}

function modelOf(text: string): string {
  return inspect(JSON.parse(text), { maxArrayLength: 2, depth: 2, breakLength: 100 });
}
