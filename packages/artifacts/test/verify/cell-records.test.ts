import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactPlugin, memoryStore, openRuns } from '@crystallize/artifacts';
import { cellLogKey } from '@crystallize/core/storage';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { mixed, storeMixed } from './mixed-run.ts';

const log = 'mixed/.crystallize/v0/cells.0.log';
const cell = (replicate: number, condition: string) =>
  new RegExp(`^\\d+ \\w+ \\{"type":"cell","replicate":${replicate},"condition":"${condition}"`);

/** Changes the lines of a log and gives the faults that name it. */
async function faultsAfter(change: (lines: string[]) => readonly string[]): Promise<readonly object[]> {
  using folder = temporaryFolder();
  await storeMixed(folder.path);
  const path = join(folder.path, log);
  const lines = (await readFile(path, 'utf8')).split('\n');
  const changed = change([...lines]);
  expect(changed).not.toEqual(lines);
  await writeFile(path, changed.join('\n'));
  const { faults } = await openRuns({ rootDir: folder.path }).verify();
  return faults.filter((fault) => fault.path === path);
}

describe('of a run that has ended', () => {
  test('the record of a cell that was cut out of the log is missing', async () => {
    const faults = await faultsAfter((lines) => lines.filter((line) => !cell(1, 'double').test(line)));
    expect(faults).toMatchObject([
      {
        kind: 'missing',
        version: 0,
        message: expect.stringMatching(/no record of replicate 1 of 'double'\./),
      },
    ]);
  });

  test('many such are one fault, that names some and counts the rest', async () => {
    const faults = await faultsAfter((lines) => lines.filter((line) => !line.includes('"type":"cell"')));
    expect(faults).toMatchObject([
      { kind: 'missing', message: expect.stringMatching(/of 'baseline', .* and 3 more cells\./) },
    ]);
  });

  test('a record that is there twice contradicts the others', async () => {
    const faults = await faultsAfter((lines) =>
      lines.flatMap((line) => (cell(0, 'negative').test(line) ? [line, line] : [line])),
    );
    expect(faults).toMatchObject([
      {
        kind: 'inconsistent',
        message: expect.stringMatching(/more than one record of replicate 0 of 'negative'/),
      },
    ]);
  });
});

test('a resume counts the cells of the sessions before, in a store without files too', async () => {
  const store = memoryStore();
  const plugin = () => new ArtifactPlugin({ store, versioned: true, artifactRetention: 0 });
  await mixed(plugin()).run();
  await mixed(plugin()).run({ strategy: 'resume', replicates: 3 });
  expect(await openRuns({ store }).verify()).toMatchObject({ faults: [], notes: [] });
  const key = cellLogKey('mixed', 0, 1);
  const text = Buffer.from((await store.readLog(key)) ?? []).toString();
  await store.remove(key);
  const changed = await store.createLog(key);
  const lines = text.split('\n').filter((line) => !cell(2, 'double').test(line));
  await changed.append(Buffer.from(lines.join('\n')));
  await changed.close();
  const { faults } = await openRuns({ store }).verify();
  expect(faults).toContainEqual(
    expect.objectContaining({
      kind: 'missing',
      path: key,
      message: expect.stringMatching(/replicate 2 of 'double'/),
    }),
  );
});
