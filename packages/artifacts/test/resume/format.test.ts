import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { describe, expect, it } from 'vitest';
import { recorded } from '../fixtures/format-1/recorded.ts';
import { tempFolder } from '../plugin/temp-folder.ts';
import { readTree } from '../plugin/tree.ts';

const store = fileURLToPath(new URL('../fixtures/format-1/store/', import.meta.url));

async function copied() {
  const folder = await tempFolder();
  await cp(store, folder.path, { recursive: true });
  return folder;
}

interface WentOn {
  readonly restored: number;
  readonly executed: number;
  readonly version: number;
  readonly status: string;
  readonly warnings: readonly string[];
}

/** In a process of its own, as the recorded runs were: loaders differ in the text that they give functions. */
function goOn(rootDir: string, options = {}, shape = {}): WentOn {
  const script = fileURLToPath(new URL('../fixtures/format-1/go-on.ts', import.meta.url));
  const args = [
    '--conditions=crystallize-source',
    script,
    rootDir,
    JSON.stringify(options),
    JSON.stringify(shape),
  ];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as WentOn;
}

const pluginOf = (rootDir: string) => new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 0 });

describe('a store that was recorded when format 1 was new', () => {
  it('is read: versions, records, metrics of every kind, artifacts', async () => {
    const versions = await openRuns({ rootDir: store }).experiment('recorded').versions();
    expect(versions.map(({ version, finished }) => [version, finished])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
    const [v0, v1] = versions;
    expect(await v1?.conditions()).toEqual(['baseline', 'steep', 'unread']);
    expect((await v1?.cells())?.map(({ status }) => status)).toEqual(Array(9).fill('done'));
    const kinds = (await v1?.metrics('baseline'))?.['kinds']?.[1];
    expect(kinds).toEqual(
      new Map<string, unknown>([
        ['when', new Date(0)],
        ['big', 12n],
        ['nan', Number.NaN],
      ]),
    );
    const file = await v1?.artifact({ replicate: 2, condition: 'steep', name: 'model.json' });
    expect(await file?.json()).toEqual({ slope: 20 });
    await expect(v0?.artifact({ replicate: 0, condition: 'steep', name: 'model.json' })).rejects.toThrow(
      /pruned/,
    );
  });

  it('is verified without a fault', async () => {
    const { faults, artifacts, versions } = await openRuns({ rootDir: store }).verify();
    expect(faults).toEqual([]);
    expect([versions, artifacts > 18]).toEqual([3, true]);
  });

  it('goes on: nothing that is done is run again', async () => {
    await using folder = await copied();
    const before = await readTree(folder.path);
    const whole = goOn(folder.path, { version: 1 }, { replicates: 3, slope: 20 });
    expect(whole).toMatchObject({ restored: 9, executed: 0, version: 1 });
    expect(whole.warnings.join()).toContain("'nobody'");
    expect(await readTree(folder.path)).toEqual(before);
    const stopped = goOn(folder.path);
    expect([stopped.version, stopped.status, stopped.restored >= 1]).toEqual([2, 'done', true]);
    expect((await openRuns({ rootDir: folder.path }).verify()).faults).toEqual([]);
  });
});

it('a store of a newer format is refused by whoever would read or continue it, and left as it is', async () => {
  await using folder = await copied();
  const records = join(folder.path, 'recorded/.crystallize/v2');
  for (const name of await readdir(records)) {
    if (!name.endsWith('.log')) continue;
    const text = await readFile(join(records, name), 'utf8');
    await writeFile(join(records, name), newer(text));
  }
  const before = await readTree(folder.path);
  const experiment = recorded(pluginOf(folder.path));
  for (const attempt of [() => experiment.run({ strategy: 'resume' }), () => experiment.explain()]) {
    await expect(attempt()).rejects.toMatchObject({
      code: 'FORMAT_TOO_NEW',
      message: expect.stringContaining('Update'),
    });
  }
  const v2 = (await openRuns({ rootDir: folder.path }).experiment('recorded').versions()).at(-1);
  await expect(v2?.cells()).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' });
  const { faults } = await openRuns({ rootDir: folder.path }).verify();
  expect(faults.some(({ kind, version }) => kind === 'unreadable' && version === 2)).toBe(true);
  expect(await readTree(folder.path)).toEqual(before);
});

it('a run of a newer format is not replaced by one that is not versioned', async () => {
  await using folder = await copied();
  const claim = join(folder.path, 'recorded/.crystallize/v0/run.json');
  await writeFile(claim, (await readFile(claim, 'utf8')).replace('"format": 1', '"format": 999'));
  const before = await readTree(folder.path);
  const run = recorded(new ArtifactPlugin({ rootDir: folder.path })).run();
  await expect(run).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' });
  expect(await readTree(folder.path)).toEqual(before);
});

function encodeLine(entry: unknown): Buffer {
  const json = JSON.stringify(entry);
  return Buffer.from(`${Buffer.byteLength(json)} ${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
}

/** The log with another format in its first entry, and lengths and checksums to match. */
function newer(log: string): Uint8Array {
  const [first = '', ...rest] = log.split('\n');
  const entry = JSON.parse(first.slice(first.indexOf('{'))) as Record<string, unknown>;
  return Buffer.concat([encodeLine({ ...entry, format: 999 }), Buffer.from(rest.join('\n'))]);
}
