import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ArtifactNotFoundError,
  completeKey,
  readFolder,
  type SavedVersion,
  savedExperiment,
} from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { cellOf, experiment, saveRun } from './saved-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../fixtures/python-0.27', import.meta.url));
const store = readFolder(root);
const versions = (): Promise<readonly SavedVersion[]> => savedExperiment(store, 'python-producer').versions();
const first = async (): Promise<SavedVersion> => (await versions())[0] as SavedVersion;

describe('a run of the Python original', () => {
  it('has its versions, all of them finished', async () => {
    expect((await versions()).map(({ version, finished, dir }) => [version, finished, dir])).toEqual([
      [0, true, join(root, 'python-producer/v0')],
      [1, true, join(root, 'python-producer/v1')],
    ]);
    expect(await (await first()).metadata()).toEqual({
      replicates: 3,
      id: '5813772fa8783baefbbc457bc1fd9d6b49f1b4bc0cc5cb07a79cb3e7cb270a86',
      name: 'python-producer',
    });
  });

  it('has its conditions, and its metrics with the bare NaN', async () => {
    const version = await first();
    expect(await version.conditions()).toEqual(['baseline', 'double', 'half']);
    expect(await version.metrics('double')).toEqual({
      total: [8, 10, 12],
      seed: [123, 31_460, 62_797],
      odd: [0.25, Number.NaN, 0.25],
    });
    expect(await version.metrics('unknown')).toEqual({});
    expect(await version.cells()).toEqual([]);
  });

  it('has its artifacts, without hashes', async () => {
    const version = await first();
    const files = await version.artifacts();
    expect(files).toHaveLength(18);
    expect(files.slice(0, 3)).toMatchObject([
      { replicate: 0, condition: 'baseline', step: 'ScaleStep', name: 'data.json' },
      { replicate: 0, condition: 'baseline', step: 'WriteCsvStep', name: 'rows.csv' },
      { replicate: 0, condition: 'double', step: 'ScaleStep', name: 'data.json' },
    ]);
    expect(files.some((file) => 'sha256' in file || 'size' in file)).toBe(false);
    const file = await version.artifact({
      replicate: 1,
      condition: 'half',
      step: 'ScaleStep',
      name: 'data.json',
    });
    expect(await file.json()).toEqual({ values: [0.75, 1.25, 0.5], condition: 'half' });
    expect(readFileSync(await file.path(), 'utf8')).toBe(await file.text());
  });

  it('finds the step of an artifact in its manifest', async () => {
    const file = await (await first()).artifact({ replicate: 2, condition: 'double', name: 'rows.csv' });
    expect(file.step).toBe('WriteCsvStep');
    expect(await file.text()).toMatch(/^x,label\r?\n/);
  });

  it('says where it looked for what is missing, and what there is beside it', async () => {
    const version = await first();
    const cases = [
      [
        { replicate: 0, condition: 'half', step: 'ScaleStep', name: 'x' },
        'replicate_0/half/ScaleStep/x',
        "That step wrote: 'data.json'.",
      ],
      [
        { replicate: 0, condition: 'half', name: 'x' },
        '_manifest.json does not name',
        "'rows.csv' of the step 'WriteCsvStep'",
      ],
      [
        { replicate: 0, condition: 'none', step: 'ScaleStep', name: 'data.json' },
        'replicate_0/none',
        "'baseline', 'double', 'half'",
      ],
      [
        { replicate: 3, condition: 'half', step: 'ScaleStep', name: 'data.json' },
        'replicate_3',
        'artifacts: 0, 1, 2.',
      ],
    ] as const;
    for (const [target, looked, beside] of cases) {
      const error: unknown = await version.artifact(target).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ArtifactNotFoundError);
      expect((error as Error).message).toContain(looked);
      expect((error as Error).message).toContain(beside);
    }
  });

  it('has its marker files, which the copy in the repository must not lose', async () => {
    for (const condition of ['baseline', 'double', 'half']) {
      expect(await store.size(completeKey('python-producer', 0, condition)), condition).toBe(0);
    }
  });
});

it('a run of the Python original that we went on with has both its conditions and ours', async () => {
  using folder = temporaryFolder();
  cpSync(join(root, 'python-producer'), join(folder.path, 'penguins'), { recursive: true });
  const ours = fsStore(folder.path);
  const session = { conditions: ['baseline', 'half', 'triple'], adopted: ['baseline', 'half'], experiment };
  await saveRun(ours, 0, [cellOf(0, 'triple')], { session, finished: false });
  const version = (await savedExperiment(ours, 'penguins').versions())[0] as SavedVersion;
  expect(await version.conditions()).toEqual(['baseline', 'half', 'triple']);
  expect(await version.metrics('triple')).toEqual({ accuracy: [0.5] });
  expect(await version.metrics('half')).toMatchObject({ total: [2, 2.5, 3] });
  const file = await version.artifact({ replicate: 0, condition: 'half', name: 'data.json' });
  expect(file.step).toBe('ScaleStep');
  expect((await version.artifacts()).map(({ condition }) => condition)).not.toContain('double');
});
