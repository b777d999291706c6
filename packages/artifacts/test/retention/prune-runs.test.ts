import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, memoryStore, openRuns, pruneRuns } from '@crystallize/artifacts';
import { ArtifactNotFoundError, InvalidArgumentError } from '@crystallize/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { listTree, readTree } from '../plugin/tree.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { artifactsAmong, largeSize, reading, sized, smallSize, storeSized } from './sized-runs.ts';

const python = fileURLToPath(new URL('../fixtures/python-0.27', import.meta.url));
const bigFileThresholdMb = 0.01;

afterEach(() => vi.unstubAllEnvs());

describe('the plugin, after each run that has finished', () => {
  test('keeps the newest versions, large files of the newest alone, and every record of the others', async () => {
    using folder = temporaryFolder();
    const options = { rootDir: folder.path, versioned: true, artifactRetention: 2, bigFileThresholdMb };
    for (let run = 0; run < 4; run += 1) {
      const { warnings } = await sized(new ArtifactPlugin(options)).run();
      expect(warnings).toEqual([]);
    }
    const files = await listTree(join(folder.path, 'sized'));
    expect(artifactsAmong(files)).toEqual([
      'v2/replicate_0/baseline/write/small.bin',
      'v2/replicate_0/other/write/small.bin',
      'v3/replicate_0/baseline/write/large.bin',
      'v3/replicate_0/baseline/write/small.bin',
      'v3/replicate_0/other/write/large.bin',
      'v3/replicate_0/other/write/small.bin',
    ]);
    expect(existsSync(join(folder.path, 'sized/v0/replicate_0'))).toBe(false);
    for (const version of ['v0', 'v1', 'v2', 'v3']) {
      expect(files).toEqual(
        expect.arrayContaining([
          `${version}/metadata.json`,
          `${version}/_manifest.json`,
          `${version}/other/results.json`,
          `${version}/other/.crystallize_complete`,
          `.crystallize/${version}/cells.0.log`,
          `.crystallize/${version}/run.json`,
        ]),
      );
    }
    const runs = openRuns({ rootDir: folder.path });
    const [oldest] = await runs.experiment('sized').versions();
    expect(oldest?.finished).toBe(true);
    expect(await oldest?.metrics('other')).toEqual({ replicate: [0] });
    expect(await runs.verify()).toMatchObject({ faults: [], notes: [], artifacts: 6 });
  });

  test('removes nothing with a retention of 0, large files neither', async () => {
    using folder = temporaryFolder();
    const options = { rootDir: folder.path, versioned: true, artifactRetention: 0, bigFileThresholdMb: 0 };
    for (let run = 0; run < 4; run += 1) await sized(new ArtifactPlugin(options)).run();
    expect(artifactsAmong(await listTree(folder.path))).toHaveLength(16);
  });

  test('does as the plugin of the newest run was told, unless it is given something else', async () => {
    vi.stubEnv('CRYSTALLIZE_ARTIFACT_RETENTION', '1');
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    for (let run = 0; run < 3; run += 1)
      await sized(new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 3 })).run();
    expect(artifactsAmong(await listTree(rootDir))).toHaveLength(12);
    expect(await pruneRuns({ rootDir, dryRun: true })).toMatchObject({ artifacts: 0 });
    expect(await pruneRuns({ rootDir, artifactRetention: 2, dryRun: true })).toMatchObject({ artifacts: 4 });
    await sized(new ArtifactPlugin({ rootDir, versioned: true })).run();
    expect(artifactsAmong(await listTree(rootDir))).toHaveLength(4);
  });

  test('takes the environment, then the default, where no plugin has said anything', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    for (let run = 0; run < 5; run += 1) {
      const { dir = '' } = await sized(
        new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 0 }),
      ).run();
      const path = join(dir, 'metadata.json');
      const { retention, ...metadata } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      expect(retention).toEqual({ artifactRetention: 0, bigFileThresholdMb: 10 });
      await writeFile(path, JSON.stringify(metadata));
    }
    expect(await pruneRuns({ rootDir, dryRun: true })).toMatchObject({ artifacts: 8 });
    vi.stubEnv('CRYSTALLIZE_ARTIFACT_RETENTION', '1');
    expect(await pruneRuns({ rootDir, dryRun: true })).toMatchObject({ artifacts: 16 });
  });

  test('leaves alone, and does not count, runs that were stopped', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    const options = { rootDir, versioned: true, artifactRetention: 1 };
    await sized(new ArtifactPlugin(options)).run();
    const stop = new AbortController();
    const onEvent = (event: { readonly type: string }) => event.type === 'cell:end' && stop.abort();
    for (let run = 0; run < 2; run += 1)
      await expect(
        sized(new ArtifactPlugin(options)).run({ signal: stop.signal, onEvent }),
      ).rejects.toThrow();
    const before = artifactsAmong(await listTree(rootDir));
    expect(before.some((path) => path.includes('/v0/'))).toBe(true);
    await sized(new ArtifactPlugin(options)).run();
    const after = artifactsAmong(await listTree(rootDir));
    expect(before.filter((path) => !after.includes(path))).toEqual(
      before.filter((path) => path.includes('/v0/')),
    );
  });

  test('leaves alone the version that it has just written, though newer ones have finished', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 3);
    const plugin = new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 1 });
    const result = await sized(plugin).run({ strategy: 'resume', version: 0, replicates: 2 });
    for (const artifact of result.artifacts) await artifact.bytes();
    const left = artifactsAmong(await listTree(rootDir));
    expect(['v0', 'v1', 'v2'].map((v) => left.filter((path) => path.includes(`/${v}/`)).length)).toEqual([
      8, 0, 4,
    ]);
    await sized(plugin).run();
    expect(artifactsAmong(await listTree(rootDir))).toHaveLength(4);
  });

  test('tells trouble as a warning, never as a failure of the run', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 2);
    await writeFile(join(rootDir, 'sized/.crystallize/v0/pruned.json'), '{');
    const result = await sized(new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 1 })).run();
    expect(result.status).toBe('done');
    expect(result.warnings).toEqual([expect.stringMatching(/could not prune v0 of 'sized'.*pruned\.json/)]);
    const left = artifactsAmong(await listTree(rootDir));
    expect(left.filter((path) => path.includes('/v1/'))).toEqual([]);
    expect(left.filter((path) => path.includes('/v0/'))).toHaveLength(4);
  });
});

describe('an artifact that was pruned', () => {
  test('is missing with the reason, when, its size and its sha256, however it is read', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 2);
    const [early] = await openRuns({ rootDir }).experiment('sized').versions();
    const opened = (await early?.artifacts())?.[0];
    await pruneRuns({ rootDir, artifactRetention: 1 });
    const [version] = await openRuns({ rootDir }).experiment('sized').versions();
    const target = { replicate: 0, condition: 'baseline', name: 'large.bin' };
    const known = await version?.identify(target);
    expect(known).toMatchObject({ experiment: 'sized', version: 0, step: 'write', size: largeSize });
    const reads = [
      version?.artifact(target),
      ...((await version?.artifacts()) ?? []).slice(0, 1).flatMap((file) => [
        file.bytes(),
        file.path(),
        file.text(),
        (async () => {
          for await (const _ of file.stream()) throw new Error('a piece of nothing');
        })(),
      ]),
      opened?.bytes(),
    ];
    for (const read of reads) {
      const error: unknown = await Promise.resolve(read).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ArtifactNotFoundError);
      expect((error as Error).message).toMatch(
        new RegExp(
          `It had ${largeSize} bytes and the sha256 ${known?.sha256}; its file was pruned on ${new Date().getFullYear()}-`,
        ),
      );
    }
  });

  test('is told from one that something else has removed', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 1);
    await rm(join(rootDir, 'sized/v0/replicate_0/other/write/small.bin'));
    const [version] = await openRuns({ rootDir }).experiment('sized').versions();
    const target = { replicate: 0, condition: 'other', name: 'small.bin' };
    await expect(version?.artifact(target)).rejects.toThrow(/removed by something other than/);
    expect(await version?.identify(target)).toMatchObject({ size: smallSize });
  });
});

describe('pruneRuns', () => {
  test('removes recorded artifacts alone, and follows no link', async () => {
    using folder = temporaryFolder();
    using outside = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 2);
    const cell = join(rootDir, 'sized/v0/replicate_0/baseline/write');
    await writeFile(join(cell, 'notes.txt'), 'mine');
    await writeFile(join(outside.path, 'precious'), 'precious');
    await rm(join(cell, 'small.bin'));
    await symlink(join(outside.path, 'precious'), join(cell, 'small.bin'));
    await mkdir(join(rootDir, 'sized/.crystallize/v0/superseded/1/replicate_0/baseline/write'), {
      recursive: true,
    });
    const superseded = join(
      rootDir,
      'sized/.crystallize/v0/superseded/1/replicate_0/baseline/write/small.bin',
    );
    await writeFile(superseded, 'superseded');
    const report = await pruneRuns({ rootDir, artifactRetention: 1 });
    expect(report.versions).toMatchObject([{ experiment: 'sized', version: 0, chainedBy: [] }]);
    expect(report.artifacts).toBe(5);
    expect(report.bytes).toBe(2 * largeSize + smallSize + 'superseded'.length);
    expect(await readTree(join(rootDir, 'sized/v0/replicate_0'))).toEqual({
      'baseline/write/notes.txt': 'mine',
    });
    expect(existsSync(join(cell, 'small.bin'))).toBe(false);
    expect(existsSync(superseded)).toBe(false);
    expect(await readFile(join(outside.path, 'precious'), 'utf8')).toBe('precious');
  });

  test('says by whom a version was read that loses its artifacts', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 2);
    for (const version of [1, 0, 0])
      await reading(new ArtifactPlugin({ rootDir, versioned: true }), version).run();
    await pruneRuns({ rootDir, experiment: 'reading', artifactRetention: 1 });
    await reading(new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 3 }), 1).run();
    const report = await pruneRuns({ rootDir, experiment: 'sized', artifactRetention: 1, dryRun: true });
    expect(report.versions).toMatchObject([{ version: 0, chainedBy: [`'reading' v2`] }]);
    const { warnings } = await sized(
      new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 1 }),
    ).run();
    expect(warnings).toEqual([
      expect.stringMatching(/v0 of 'sized', from which 'reading' v2 was computed/),
      expect.stringMatching(/v1 of 'sized', from which 'reading' v3 was computed/),
    ]);
  });

  test('prunes again what was resumed after it was pruned, and no less than before', async () => {
    using folder = temporaryFolder();
    const { path: rootDir } = folder;
    await storeSized({ rootDir }, 3);
    await pruneRuns({ rootDir, artifactRetention: 3, bigFileThresholdMb });
    expect(artifactsAmong(await listTree(rootDir))).toHaveLength(8);
    const plugin = new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 0 });
    await sized(plugin).run({ strategy: 'resume', version: 0, replicates: 2 });
    expect((await listTree(rootDir)).filter((path) => path.endsWith('large.bin'))).toHaveLength(4);
    expect(await openRuns({ rootDir }).verify()).toMatchObject({ faults: [] });
    await pruneRuns({ rootDir, artifactRetention: 3, bigFileThresholdMb });
    expect((await listTree(rootDir)).filter((path) => path.endsWith('large.bin'))).toHaveLength(2);
    // Narrower than what was decided before: what is gone stays explained.
    await pruneRuns({ rootDir, artifactRetention: 1 });
    await pruneRuns({ rootDir, artifactRetention: 3, bigFileThresholdMb });
    expect(await openRuns({ rootDir }).verify()).toMatchObject({ faults: [], notes: [] });
  });

  test('works on a store without files', async () => {
    const store = memoryStore();
    await storeSized({ store }, 3);
    const report = await pruneRuns({ store, artifactRetention: 1 });
    expect(report).toMatchObject({ dryRun: false, artifacts: 8, bytes: 4 * (largeSize + smallSize) });
    expect(report.versions.map(({ reason }) => reason)).toEqual([
      'it is not among the newest finished version',
      'it is not among the newest finished version',
    ]);
    expect(await openRuns({ store }).verify()).toMatchObject({ faults: [], notes: [], artifacts: 4 });
    expect(await pruneRuns({ store, artifactRetention: 1 })).toMatchObject({ artifacts: 0, versions: [] });
  });

  test('leaves the runs of Python alone, and says so', async () => {
    using folder = temporaryFolder();
    await cp(python, folder.path, { recursive: true });
    const before = await readTree(folder.path);
    expect(await pruneRuns({ rootDir: folder.path })).toMatchObject({
      versions: [],
      troubles: [],
      notes: [expect.stringMatching(/^There are only runs of Crystallize for Python 0\.27 here/)],
    });
    await expect(pruneRuns({ rootDir: folder.path, experiment: 'producer' })).rejects.toThrow(
      /There are runs of 'python-producer'/,
    );
    await mkdir(join(folder.path, 'python-producer/.crystallize/cache'), { recursive: true });
    const report = await pruneRuns({ rootDir: folder.path, artifactRetention: 1 });
    expect(report).toMatchObject({
      artifacts: 0,
      versions: [{ version: 0, left: expect.stringMatching(/Python/) }],
    });
    expect(await readTree(folder.path)).toEqual(before);
  });

  test('refuses a place that does not look like one of runs, wrong options and unknown experiments', async () => {
    using folder = temporaryFolder();
    await mkdir(join(folder.path, 'photos/v0'), { recursive: true });
    for (const rootDir of [
      folder.path,
      join(folder.path, 'photos'),
      join(folder.path, 'none'),
      '/',
      homedir(),
    ])
      await expect(pruneRuns({ rootDir }), rootDir).rejects.toThrow(
        /no place in which Crystallize keeps runs/,
      );
    await storeSized({ rootDir: folder.path }, 2);
    const { path: rootDir } = folder;
    await expect(pruneRuns({ rootDir: join(rootDir, 'sized') })).rejects.toThrow(InvalidArgumentError);
    await expect(pruneRuns({ rootDir, artifactRetention: 1.5 })).rejects.toThrow(/artifactRetention/);
    await expect(pruneRuns({ rootDir, bigFileThresholdMb: -1 })).rejects.toThrow(/bigFileThresholdMb/);
    await expect(pruneRuns({})).rejects.toThrow(/neither/);
    await expect(pruneRuns({ rootDir, store: memoryStore() })).rejects.toThrow(/both/);
    await expect(pruneRuns({ rootDir, experiment: 'seized' })).rejects.toThrow(ArtifactNotFoundError);
    expect(artifactsAmong(await listTree(rootDir))).toHaveLength(8);
  });
});
