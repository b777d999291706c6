import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpstreamFailedError } from '@crystallize/core';
import {
  ArtifactNotFoundError,
  type ArtifactStore,
  cellLogKey,
  claimKey,
  RecordUnreadableError,
  readFolder,
  savedExperiment,
  UnsafeNameError,
} from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { cellOf, newest, saveExample, saveRun, withArtifacts } from './saved-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe.each([
  ['a folder', () => temporaryFolder()],
  ['memory', () => ({ path: undefined, [Symbol.dispose]: () => {} })],
] as const)('a run in %s', (_title, open) => {
  const storeIn = (path: string | undefined): ArtifactStore =>
    path === undefined ? memoryStore() : fsStore(path);

  it('has its conditions, metrics, cells and metadata', async () => {
    using place = open();
    const version = await saveExample(storeIn(place.path));
    expect(version).toMatchObject({ experiment: 'penguins', version: 0, finished: true });
    expect(version.dir).toBe(place.path && join(place.path, 'penguins', 'v0'));
    expect(await version.metadata()).toMatchObject({ replicates: 2, name: 'penguins' });
    expect(await version.conditions()).toEqual(['baseline', 'wide', 'deep']);
    expect(await version.metrics('baseline')).toEqual({ accuracy: [0.5, 1.5] });
    // The failed cell has none, and exact values are kept.
    expect(await version.metrics('wide')).toEqual({ accuracy: [0.5] });
    expect(await version.metrics('deep')).toEqual({ accuracy: [Number.NaN] });
    expect(await version.metrics('unknown')).toEqual({});
    expect((await version.cells()).map(({ replicate, condition }) => `${replicate} ${condition}`)).toEqual([
      '0 baseline',
      '0 wide',
      '0 deep',
      '1 baseline',
      '1 wide',
    ]);
  });

  it('lists its artifacts by replicate, condition, step and name', async () => {
    using place = open();
    const version = await saveExample(storeIn(place.path));
    const listed = (await version.artifacts()).map(
      (file) => `${file.replicate} ${file.condition} ${file.step} ${file.name} ${file.size}`,
    );
    expect(listed).toEqual([
      '0 baseline split model.json 2',
      '0 baseline split rows.csv 4',
      '0 baseline fit model.json 8',
      '0 baseline fit plots/loss.svg 6',
      '0 wide fit model.json 8',
      '1 baseline split rows.csv 4',
      '1 baseline fit model.json 8',
      '1 baseline fit plots/loss.svg 6',
      '1 wide split rows.csv 4',
    ]);
  });

  it('gives an artifact of a done cell in every form', async () => {
    using place = open();
    const version = await saveExample(storeIn(place.path));
    const file = await version.artifact({
      replicate: 0,
      condition: 'baseline',
      step: 'fit',
      name: 'model.json',
    });
    expect(await file.json()).toEqual({ k: 5 });
    expect(await file.text()).toBe('{"k": 5}');
    expect(Buffer.from(await file.bytes()).toString()).toBe('{"k": 5}');
    expect(Buffer.concat(await collect(file.stream())).toString()).toBe('{"k": 5}');
    const path = await file.path();
    expect(readFileSync(path, 'utf8')).toBe('{"k": 5}');
    expect(await file.path()).toBe(path);
    expect(path.startsWith(place.path ?? tmpdir())).toBe(true);
    expect(path.endsWith('model.json')).toBe(true);
    const nested = await version.artifact({ replicate: 0, condition: 'baseline', name: 'plots/loss.svg' });
    expect(await nested.text()).toBe('<svg/>');
  });

  it('gives the artifact of the step that wrote it last when no step is named', async () => {
    using place = open();
    const store = storeIn(place.path);
    const cell = await withArtifacts(store, 0, cellOf(0, 'baseline'), {
      'split/model.json': 'first',
      'fit/model.json': 'last',
    });
    await saveRun(store, 0, [cell]);
    const file = await (await newest(store)).artifact({
      replicate: 0,
      condition: 'baseline',
      name: 'model.json',
    });
    expect(file.step).toBe('fit');
    expect(await file.text()).toBe('last');
  });

  it('says of a failed cell that it failed, with its reason, whatever it wrote until then', async () => {
    using place = open();
    const version = await saveExample(storeIn(place.path));
    for (const step of ['split', 'fit', undefined]) {
      const attempt = version.artifact({
        replicate: 1,
        condition: 'wide',
        name: 'rows.csv',
        ...(step && { step }),
      });
      await expect(attempt).rejects.toThrow(UpstreamFailedError);
      await expect(attempt).rejects.toThrow(/Replicate 1 of 'wide'.*'penguins'.*'fit': no convergence/);
    }
  });

  it('says where it looked for what is missing, and what there is beside it', async () => {
    using place = open();
    const version = await saveExample(storeIn(place.path));
    const where = place.path ? join(place.path, 'penguins/v0') : 'penguins/v0';
    const cases = [
      [
        { replicate: 0, condition: 'baseline', step: 'fit', name: 'x' },
        `${where}/replicate_0/baseline/fit/x`,
        "That step wrote: 'model.json', 'plots/loss.svg'.",
      ],
      [
        { replicate: 0, condition: 'baseline', step: 'y', name: 'x' },
        `${where}/replicate_0/baseline/y/x`,
        "'rows.csv' of the step 'split'",
      ],
      [
        { replicate: 0, condition: 'baseline', name: 'x' },
        `${where}/replicate_0/baseline`,
        "'rows.csv' of the step 'split'",
      ],
      [
        { replicate: 0, condition: 'deep', step: 'fit', name: 'model.json' },
        `${where}/replicate_0/deep`,
        "these conditions: 'baseline', 'wide'.",
      ],
      [
        { replicate: 1, condition: 'deep', step: 'fit', name: 'model.json' },
        'has not run to its end',
        "these conditions: 'baseline', 'wide'.",
      ],
      [
        { replicate: 7, condition: 'baseline', step: 'fit', name: 'model.json' },
        `${where}/replicate_7`,
        'these replicates there are artifacts: 0, 1.',
      ],
    ] as const;
    for (const [target, looked, beside] of cases) {
      const error: unknown = await version.artifact(target).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ArtifactNotFoundError);
      expect((error as Error).message).toContain(looked);
      expect((error as Error).message).toContain(beside);
    }
  });

  it('keeps what is known of an artifact that retention has removed', async () => {
    using place = open();
    const store = storeIn(place.path);
    const version = await saveExample(store);
    await store.remove('penguins/v0/replicate_0/wide/fit/model.json');
    const attempt = version.artifact({ replicate: 0, condition: 'wide', step: 'fit', name: 'model.json' });
    await expect(attempt).rejects.toThrow(ArtifactNotFoundError);
    await expect(attempt).rejects.toThrow(/It had 8 bytes and the sha256 [0-9a-f]{64}; its file was removed/);
    expect((await version.artifacts()).length).toBe(9);
  });

  it('has the versions of which there is a claim or a folder, and tells the finished ones', async () => {
    using place = open();
    const store = storeIn(place.path);
    await saveExample(store);
    await saveRun(store, 10, [], { finished: false });
    await saveRun(store, 2, [cellOf(0, 'baseline')]);
    const versions = await savedExperiment(store, 'penguins').versions();
    expect(versions.map(({ version, finished }) => [version, finished])).toEqual([
      [0, true],
      [2, true],
      [10, false],
    ]);
    expect(await versions[2]?.metadata()).toBeUndefined();
    expect(await versions[2]?.cells()).toEqual([]);
    expect(await savedExperiment(store, 'unknown').versions()).toEqual([]);
  });

  it('does not serve what a cell in flight has written', async () => {
    using place = open();
    const store = storeIn(place.path);
    await saveRun(store, 0, [cellOf(0, 'baseline')], { finished: false });
    await withArtifacts(store, 0, cellOf(1, 'baseline'), { 'fit/model.json': 'unfinished' });
    const version = await newest(store);
    await expect(
      version.artifact({ replicate: 1, condition: 'baseline', step: 'fit', name: 'model.json' }),
    ).rejects.toThrow(/has not run to its end/);
    expect(await version.artifacts()).toEqual([]);
  });

  it('has the newest session first in the order of its conditions, and counts only what that one follows', async () => {
    using place = open();
    const store = storeIn(place.path);
    await saveExample(store);
    const follows = [(await store.readLog(cellLogKey('penguins', 0, 0)))?.length ?? 0];
    const again = cellOf(1, 'wide', { metrics: [{ metric: 'accuracy', value: 7, step: 'fit' }] });
    await store.remove(claimKey('penguins', 0));
    await saveRun(store, 0, [again], {
      session: { session: 1, conditions: ['baseline', 'new', 'wide'], follows },
    });
    const version = await newest(store);
    expect(await version.conditions()).toEqual(['baseline', 'new', 'wide', 'deep']);
    expect(await version.metrics('wide')).toEqual({ accuracy: [0.5, 7] });
  });
});

it('records that can not be read are never taken for missing', async () => {
  using folder = temporaryFolder();
  const version = await saveExample(fsStore(folder.path));
  const log = join(folder.path, 'penguins/.crystallize/v0/cells.0.log');
  const whole = readFileSync(log);
  const damaged = Buffer.from(whole);
  damaged[100] = 0;
  writeFileSync(log, damaged);
  const again = await newest(readFolder(folder.path));
  await expect(again.cells()).rejects.toThrow(RecordUnreadableError);
  await expect(again.cells()).rejects.toThrow('cells.0.log');
  await expect(again.artifact({ replicate: 0, condition: 'baseline', name: 'model.json' })).rejects.toThrow(
    RecordUnreadableError,
  );
  // Mended meanwhile, it is read, though it was not before; what was read stays as it was.
  writeFileSync(log, whole);
  expect(await again.cells()).toHaveLength(5);
  expect(version.finished).toBe(true);
  writeFileSync(join(folder.path, 'penguins/v0/metadata.json'), '{"replicates": "many"}');
  await expect(again.metadata()).rejects.toThrow(/v0\/metadata.json has no count/);
});

it('a name that could leave the store is refused', async () => {
  const store = memoryStore();
  for (const name of ['..', '../x', '/etc', 'a/b', ''])
    expect(() => savedExperiment(store, name)).toThrow(UnsafeNameError);
  const version = await saveExample(store);
  await expect(version.metrics('../../secret')).resolves.toEqual({});
  const target = { replicate: 0, condition: 'baseline', step: 'fit', name: 'model.json' };
  for (const change of [
    { condition: '..' },
    { step: '../..' },
    { name: '../model.json' },
    { name: '/etc/passwd' },
  ]) {
    await expect(version.artifact({ ...target, ...change })).rejects.toThrow(UnsafeNameError);
  }
});
