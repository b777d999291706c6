import { ArtifactPlugin, type ArtifactStore, fsStore, pruneRuns } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  jsonCodec,
  type Plugin,
  pipelineStep,
  StorageError,
} from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { artifactDatasource } from '../src/index.ts';
import { temporaryFolder } from './helpers.ts';
import { startRun } from './run-scope.ts';

const made = new Artifact('made.json', jsonCodec<number>());

const make = pipelineStep({
  name: 'make',
  async run(value: number) {
    await made.write(value);
    return value;
  },
});

const take = pipelineStep({
  name: 'take',
  run(value: number, ctx) {
    ctx.record('taken', value);
    return value;
  },
});

const producing = (...plugins: Plugin[]) =>
  new Experiment({
    name: 'producing',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [make()],
    outputs: [made],
    plugins,
    replicates: 3,
    seed: 1,
  });

const readersOf = (rootDir: string, version: number) =>
  fsStore(rootDir).children(`producing/.crystallize/v${version}/readers`);

/** The store with another way to take locks. */
function withLock(store: ArtifactStore, lock: ArtifactStore['lock']): ArtifactStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'lock') return lock;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('the version that a run reads', () => {
  it('is kept from retention from before the first cell to the end of the run', async () => {
    const rootDir = await temporaryFolder();
    const producer = producing(new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 1 }));
    await producer.run();
    const warnings: string[] = [];
    const between: Plugin = {
      name: 'a newer run in the middle',
      async commitCell(run, { replicate }) {
        if (replicate > 0) return;
        const newer = await producer.run();
        warnings.push(...newer.warnings);
        expect(newer.version).toBe(1);
        expect(run.inputs).toMatchObject([{ version: 0 }]);
      },
    };
    const consumer = new Experiment({
      name: 'consuming',
      datasource: artifactDatasource(producer, made),
      pipeline: [take()],
      plugins: [between],
    });
    const result = await consumer.run();
    expect(result.errors).toEqual([]);
    expect(result.baseline.metrics).toEqual({ taken: [0, 1, 2] });
    expect(warnings).toEqual([]);
    // Let go of it: now retention does what it would have done.
    expect(await readersOf(rootDir, 0)).toEqual([]);
    expect(await pruneRuns({ rootDir, artifactRetention: 1 })).toMatchObject({ artifacts: 3 });
  });

  it('is let go of when the run fails before its first cell', async () => {
    const rootDir = await temporaryFolder();
    const producer = producing(new ArtifactPlugin({ rootDir, versioned: true }));
    await producer.run();
    const consumer = new Experiment({
      name: 'consuming',
      datasource: artifactDatasource(producer, made),
      pipeline: [take()],
      replicates: 2,
    });
    await expect(consumer.run()).rejects.toThrow(/replicates/);
    expect(await readersOf(rootDir, 0)).toEqual([]);
  });

  it('is the newer one when that has finished before the older could be held', async () => {
    const rootDir = await temporaryFolder();
    const producer = producing(new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 1 }));
    await producer.run();
    const store = fsStore(rootDir);
    let overtaken = false;
    const slow = withLock(store, async (key) => {
      if (key.includes('/readers/') && !overtaken) {
        overtaken = true;
        await producer.run();
      }
      return store.lock(key);
    });
    const run = await startRun(artifactDatasource('producing', made, { store: slow }));
    expect(overtaken).toBe(true);
    expect(run.prepared.inputs).toMatchObject([{ version: 1 }]);
    expect([await readersOf(rootDir, 0), await readersOf(rootDir, 1)].map(({ length }) => length)).toEqual([
      0, 2,
    ]);
    expect((await run.fetch(2)).data).toBe(2);
    await run.end();
    expect(await readersOf(rootDir, 1)).toEqual([]);
  });

  it('is read all the same where it can not be held, with a warning', async () => {
    const rootDir = await temporaryFolder();
    await producing(new ArtifactPlugin({ rootDir, versioned: true })).run();
    const readOnly = withLock(fsStore(rootDir), () =>
      Promise.reject(new StorageError('EROFS: the file system is read-only')),
    );
    const run = await startRun(artifactDatasource('producing', made, { store: readOnly }));
    expect(run.warnings).toEqual([expect.stringMatching(/can't be kept from retention meanwhile: EROFS/)]);
    expect((await run.fetch(1)).data).toBe(1);
  });

  it('is told when it was pruned, before its cells fail', async () => {
    const rootDir = await temporaryFolder();
    const producer = producing(new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 1 }));
    await producer.run();
    await producer.run();
    const run = await startRun(
      artifactDatasource('producing', made, { store: fsStore(rootDir), version: 0 }),
    );
    expect(run.warnings).toEqual([
      expect.stringMatching(/^v0 of the experiment 'producing' was pruned on 2/),
    ]);
    await expect(run.fetch(0)).rejects.toThrow(/its file was pruned on 2/);
    await run.end();
  });
});
