import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import {
  Artifact,
  ArtifactNotFoundError,
  CorruptArtifactError,
  ExperimentInvalidError,
  jsonCodec,
  ReplicateMismatchError,
  TreatmentMissingError,
} from '@crystallize/core';
import { readFolder, storedArtifact } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { artifactDatasource, CsvError, readCsv } from '../src/index.ts';
import { temporaryFolder } from './helpers.ts';
import { startRun } from './run-scope.ts';

const python = join(import.meta.dirname, '../../artifacts/test/fixtures/python-0.27');
const rows = { step: 'WriteCsvStep', name: 'rows.csv' } as const;
const data = new Artifact('data.json', jsonCodec<{ values: number[]; condition: string }>());

/** A copy of the recorded runs that a test may change. */
async function copyOfPython(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(python, folder, { recursive: true });
  return folder;
}

describe('artifactDatasource of a step and a name', () => {
  it('reads the newest finished version of a run of the Python original', async () => {
    const run = await startRun(artifactDatasource('python-producer', { ...rows, rootDir: python }));
    expect(run.prepared.replicates).toBe(2);
    expect(run.prepared.inputs).toEqual([
      expect.objectContaining({ experiment: 'python-producer', version: 1 }),
    ]);
    const { data: file, cell } = await run.fetch(1);
    const path = join(python, 'python-producer/v1/replicate_1/baseline/WriteCsvStep/rows.csv');
    expect(await file.path()).toBe(path);
    expect(await readCsv(file)).toEqual([
      { x: '1.5', label: 'a "quoted", é' },
      { x: '2.5', label: 'a "quoted", é' },
      { x: '1', label: 'a "quoted", é' },
    ]);
    const bytes = await readFile(path);
    expect(cell.inputs).toEqual([
      {
        experiment: 'python-producer',
        version: 1,
        replicate: 1,
        condition: 'baseline',
        step: 'WriteCsvStep',
        name: 'rows.csv',
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    ]);
    expect(run.warnings).toEqual([]);
  });

  it('reads a version by its number, and one condition for all', async () => {
    const options = {
      step: 'ScaleStep',
      name: 'data.json',
      version: 0,
      condition: 'double',
      rootDir: python,
    };
    const run = await startRun(artifactDatasource('python-producer', options), {
      conditions: ['baseline', 'half'],
    });
    expect(run.prepared.replicates).toBe(3);
    const { data: file } = await run.fetch(0, 'half');
    expect(await file.json()).toMatchObject({ condition: 'double' });
  });

  it('reads the same in a worker, from plain data', async () => {
    for (const where of [{ rootDir: python }, { store: readFolder(python) }]) {
      const run = await startRun(artifactDatasource('python-producer', { ...rows, ...where }), {
        worker: true,
      });
      expect((await run.fetch(0)).data).toMatchObject({ version: 1, replicate: 0 });
    }
  });

  it('resolves a relative rootDir when it is made', async () => {
    const source = artifactDatasource('python-producer', {
      ...rows,
      rootDir: relative(process.cwd(), python),
    });
    const before = process.cwd();
    process.chdir('/');
    try {
      expect((await startRun(source)).prepared.replicates).toBe(2);
    } finally {
      process.chdir(before);
    }
  });

  it('keeps to the version chosen first, whatever is finished meanwhile', async () => {
    const rootDir = await copyOfPython();
    const run = await startRun(artifactDatasource('python-producer', { ...rows, rootDir }), { worker: true });
    await cp(join(rootDir, 'python-producer/v0'), join(rootDir, 'python-producer/v2'), { recursive: true });
    expect((await run.fetch(0)).data.version).toBe(1);
    const later = await startRun(artifactDatasource('python-producer', { ...rows, rootDir }));
    expect((await later.fetch(0)).data.version).toBe(2);
  });

  it('passes over a version that has not finished', async () => {
    const rootDir = await copyOfPython();
    await rm(join(rootDir, 'python-producer/v1/metadata.json'));
    const run = await startRun(artifactDatasource('python-producer', { ...rows, rootDir }));
    expect((await run.fetch(2)).data.version).toBe(0);
    expect(run.warnings).toEqual([]);
  });

  it('reads an unfinished version where there is no other, says so, and leaves the count open', async () => {
    const rootDir = await copyOfPython();
    for (const version of ['v0', 'v1']) await rm(join(rootDir, 'python-producer', version, 'metadata.json'));
    const run = await startRun(artifactDatasource('python-producer', { ...rows, rootDir }), {
      replicates: 1,
    });
    expect((await run.fetch(0)).data.version).toBe(1);
    expect(run.warnings).toEqual([expect.stringContaining("v1 of the experiment 'python-producer'")]);
    expect(run.prepared.replicates).toBeUndefined();
  });

  it('takes the count of the experiment itself where there is no metadata', async () => {
    const rootDir = await copyOfPython();
    for (const version of ['v0', 'v1']) await rm(join(rootDir, 'python-producer', version, 'metadata.json'));
    const info = { name: 'python-producer', directory: 'python-producer', id: '', steps: [], outputs: [] };
    const experiment = { info, plugins: [], replicates: 2 };
    const source = artifactDatasource(experiment, { ...rows, rootDir });
    expect((await startRun(source)).prepared.replicates).toBe(2);
    await expect(startRun(source, { replicates: 3 })).rejects.toBeInstanceOf(ReplicateMismatchError);
  });

  it('refuses a version without metadata when it is told to', async () => {
    const rootDir = await copyOfPython();
    await rm(join(rootDir, 'python-producer/v1/metadata.json'));
    const of = (version: number | 'latest') =>
      startRun(artifactDatasource('python-producer', { ...rows, rootDir, version, requireMetadata: true }));
    expect((await of('latest')).prepared.inputs?.[0]?.version).toBe(0);
    await expect(of(1)).rejects.toThrow(ArtifactNotFoundError);
    await expect(of(1)).rejects.toThrow(/v1 .* has no metadata\.json/);
    await rm(join(rootDir, 'python-producer/v0/metadata.json'));
    await expect(of('latest')).rejects.toThrow(/neither have those of another version/);
  });

  it('refuses another count of replicates, unless it may cycle', async () => {
    const source = artifactDatasource('python-producer', { ...rows, rootDir: python });
    await expect(startRun(source, { replicates: 5 })).rejects.toThrow(ReplicateMismatchError);
    await expect(startRun(source, { replicates: 5 })).rejects.toThrow(
      /5 replicates were asked for, and v1 .* has 2\./,
    );
    expect((await startRun(source, { replicates: 2 })).warnings).toEqual([]);

    const cycling = artifactDatasource('python-producer', { ...rows, rootDir: python, replicates: 'cycle' });
    const more = await startRun(cycling, { replicates: 5, worker: true });
    expect(more.prepared.replicates).toBeUndefined();
    const read = await Promise.all([0, 1, 2, 3, 4].map((replicate) => more.fetch(replicate)));
    expect(read.map(({ data: file }) => file.replicate)).toEqual([0, 1, 0, 1, 0]);
    expect(read.map(({ cell }) => cell.inputs[0]?.replicate)).toEqual([0, 1, 0, 1, 0]);
    expect(more.warnings).toEqual([expect.stringContaining('i mod 2')]);
    expect((await startRun(cycling, { replicates: 1 })).warnings).toEqual([
      expect.stringContaining('not read'),
    ]);
    expect((await startRun(cycling)).prepared.replicates).toBe(2);
  });

  it('names the path of a missing file and what there is beside it', async () => {
    const run = await startRun(
      artifactDatasource('python-producer', { ...rows, name: 'row.csv', rootDir: python }),
    );
    const error = await run.fetch(0).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ArtifactNotFoundError);
    const folder = join(python, 'python-producer/v1/replicate_0/baseline/WriteCsvStep');
    expect((error as Error).message).toContain(join(folder, 'row.csv'));
    expect((error as Error).message).toContain("'rows.csv'");
  });

  it('names the place of a missing experiment and those that are there', async () => {
    const missing = startRun(artifactDatasource('pythn-producer', { ...rows, rootDir: python }));
    await expect(missing).rejects.toThrow(ArtifactNotFoundError);
    await expect(missing).rejects.toThrow(new RegExp(`${python}.*There are runs of 'python-producer'`));
    const version = startRun(artifactDatasource('python-producer', { ...rows, rootDir: python, version: 7 }));
    await expect(version).rejects.toThrow(/no version 7 .*There are v0, v1\./);
  });

  it('says that a version went while it was read', async () => {
    const rootDir = await copyOfPython();
    const run = await startRun(artifactDatasource('python-producer', { ...rows, rootDir }), { worker: true });
    await rm(join(rootDir, 'python-producer/v1'), { recursive: true });
    await expect(run.fetch(0)).rejects.toThrow(
      /v1 of the experiment 'python-producer' was in .* and is gone/,
    );
  });

  it('refuses a count in metadata.json that is none', async () => {
    const rootDir = await temporaryFolder();
    const file = join(rootDir, 'made/v0/metadata.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '{"replicates": 0, "id": "x", "name": "made"}');
    await expect(startRun(artifactDatasource('made', { ...rows, rootDir }))).rejects.toThrow(/replicates/);
  });
});

describe('artifactDatasource of a declared output', () => {
  const conditions = ['baseline', 'double', 'triple', 'half', 'fourth'];

  it('decodes it, and reads for each condition its own', async () => {
    const run = await startRun(artifactDatasource('python-producer', data, { rootDir: python }), {
      conditions: ['baseline', 'double', 'half'],
      worker: true,
    });
    for (const condition of ['baseline', 'double', 'half']) {
      const { data: value, cell } = await run.fetch(1, condition);
      expect(value.condition).toBe(condition);
      expect(cell.inputs).toMatchObject([{ condition, step: 'ScaleStep', version: 1 }]);
    }
    expect(run.warnings).toEqual([]);
  });

  it('reads the baseline for a treatment that the producer lacks, says so once, and records it', async () => {
    const run = await startRun(artifactDatasource('python-producer', data, { rootDir: python }), {
      conditions,
    });
    const { data: value, cell } = await run.fetch(0, 'triple');
    expect(value.condition).toBe('baseline');
    expect(cell.inputs).toMatchObject([{ condition: 'baseline' }]);
    expect(run.warnings).toEqual([
      expect.stringContaining("has no treatments 'triple', 'fourth': its baseline is read"),
    ]);
  });

  it('refuses that when it is told to, before anything runs', async () => {
    const source = artifactDatasource('python-producer', data, {
      rootDir: python,
      missingTreatment: 'error',
    });
    await expect(startRun(source, { conditions })).rejects.toThrow(TreatmentMissingError);
    await expect(startRun(source, { conditions })).rejects.toThrow(
      /'triple', 'fourth'; it has 'baseline', 'double', 'half'/,
    );
    expect((await startRun(source, { conditions: ['baseline', 'half'] })).warnings).toEqual([]);
  });

  it('refuses an artifact that is no output of the experiment, when it is made', () => {
    const info = { directory: 'training', id: '', steps: [], outputs: ['date.json'] };
    const experiment = { info, plugins: [], outputs: [data] };
    expect(() => artifactDatasource(experiment, data)).toThrow(ExperimentInvalidError);
    expect(() => artifactDatasource(experiment, data)).toThrow(
      /Its outputs are 'date\.json'\. Did you mean 'date\.json'\?/,
    );
  });
});

describe('a file of which size and sha256 are recorded', () => {
  it('is told to be corrupt where that is why its CSV is wrong, and only then', async () => {
    const whole = Buffer.from('a,b\n1,2\n3,4\n');
    const folder = await temporaryFolder();
    const file = async (bytes: Uint8Array) => {
      await writeFile(join(folder, 'x.csv'), bytes);
      const identity = {
        experiment: 'made',
        version: 0,
        replicate: 0,
        condition: 'baseline',
        step: 's',
        name: 'x.csv',
      };
      const sha256 = createHash('sha256').update(whole).digest('hex');
      return storedArtifact(readFolder(folder), 'x.csv', { ...identity, size: whole.length, sha256 });
    };
    expect(await readCsv(await file(whole))).toHaveLength(2);
    await expect(readCsv(await file(whole.subarray(0, -3)))).rejects.toThrow(CorruptArtifactError);
    await expect(readCsv(await file(Buffer.from('a,b\n1,,\n3,4\n')))).rejects.toThrow(CorruptArtifactError);
    await expect(readCsv(await file(Buffer.from('a,b\n1,9\n3,4\n')))).rejects.toThrow(CorruptArtifactError);
    await expect(readCsv(await file(whole), { columns: ['c'] })).rejects.toThrow(CsvError);
  });
});

describe('the definition', () => {
  it('says what it reads from, and has a fingerprint of which data that is', () => {
    const source = (options: object) =>
      artifactDatasource('python-producer', { ...rows, rootDir: python, ...options });
    expect(source({}).upstream).toEqual(['python-producer']);
    const prints = [{}, { version: 0 }, { condition: 'half' }, { step: 's' }, { replicates: 'cycle' }].map(
      (options) => source(options).fingerprint?.(),
    );
    expect(new Set(prints).size).toBe(prints.length);
    expect(source({ rootDir: '/elsewhere' }).fingerprint?.()).toBe(prints[0]);
  });

  it.each([
    [{ version: -1 }, 'version is'],
    [{ version: '1' }, 'version is'],
    [{ replicates: 3 }, "replicates can only be 'cycle'"],
    [{ step: '' }, 'step must be'],
    [{ name: undefined }, 'name must be'],
    [{ store: readFolder(python) }, 'rootDir and store'],
    [{ missingTreatment: 'error' }, "'missingTreatment' is not an option"],
  ])('refuses %o', (options, reason) => {
    const make = () => artifactDatasource('x', { ...rows, rootDir: python, ...options } as never);
    expect(make).toThrow(ExperimentInvalidError);
    expect(make).toThrow(reason);
  });

  it('refuses what is no experiment', () => {
    expect(() => artifactDatasource(undefined as never, rows)).toThrow(/an Experiment or the name of one/);
    expect(() => artifactDatasource('', rows)).toThrow(/an empty string/);
  });
});
