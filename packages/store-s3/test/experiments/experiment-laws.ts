import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { openRuns, pruneRuns } from '@crystallize/artifacts';
import { Experiment, pipelineStep } from '@crystallize/core';
import { artifactDatasource } from '@crystallize/datasources';
import { expect, it } from 'vitest';
import { openStore } from '../servers/open-store.ts';
import type { S3Place } from '../servers/s3-place.ts';
import { trainUntilKilled } from './kill.ts';
import { model, training } from './training.ts';

/** What experiments do with a store, on a server. */
export function experimentLaws(place: S3Place): void {
  const newStore = () => openStore(place, { prefix: `experiments/${randomUUID()}` });

  it('a run is saved under the keys that it has on disk, and a resume finds everything done', async () => {
    const store = newStore();
    const first = await training(store).run();
    expect(first.errors).toEqual([]);
    const keys: string[] = [];
    for await (const { key } of store.list('training')) keys.push(key);
    expect(keys).toEqual(
      expect.arrayContaining([
        'training/v0/metadata.json',
        'training/v0/_manifest.json',
        'training/v0/baseline/results.json',
        'training/v0/baseline/.crystallize_complete',
        'training/v0/replicate_0/steep/train/model.json',
        'training/v0/replicate_2/baseline/train/deep/weights.bin',
      ]),
    );
    const again: string[] = [];
    const resumed = await training(store, { onRun: (cell) => again.push(cell) }).run({ strategy: 'resume' });
    expect(again).toEqual([]);
    expect(resumed.baseline.metrics).toEqual(first.baseline.metrics);
  });

  it('after kill -9 a resume runs what is missing and nothing else, and ends as a run that was never killed', async () => {
    const whole = await training(newStore(), { replicates: 12 }).run();
    for (const least of [1, 9]) {
      const prefix = `experiments/${randomUUID()}`;
      const done = await trainUntilKilled(place, prefix, 12, least);
      const store = openStore(place, { prefix });
      const run: string[] = [];
      const resumed = await training(store, { replicates: 12, onRun: (cell) => run.push(cell) }).run({
        strategy: 'resume',
      });
      expect(done.length).toBeGreaterThanOrEqual(least);
      expect(run.filter((cell) => done.includes(cell))).toEqual([]);
      expect(resumed.baseline.metrics).toEqual(whole.baseline.metrics);
      expect(resumed.treatments['steep']?.metrics).toEqual(whole.treatments['steep']?.metrics);
      const { faults } = await openRuns({ store }).verify();
      expect(faults).toEqual([]);
    }
  });

  it('another experiment reads its artifacts, as values and as checked files of this machine', async () => {
    const store = newStore();
    const trained = await training(store).run();
    const look = pipelineStep({
      name: 'look',
      run: ({ fit }: { fit: number }, ctx) => ctx.record('seen', fit),
    });
    const reading = new Experiment({
      datasource: artifactDatasource('training', model, { store }),
      pipeline: [look()],
      replicates: 3,
    });
    expect((await reading.run()).baseline.metrics['seen']).toEqual(trained.baseline.metrics['fit']);
    const [version] = await openRuns({ store }).experiment('training').versions();
    const target = { replicate: 1, condition: 'baseline', step: 'train', name: 'deep/weights.bin' };
    const file = await version?.artifact(target);
    expect(await readFile((await file?.path()) ?? '')).toEqual(Buffer.alloc(200_000, 1));
  });

  it('damage is found, and old artifacts are pruned', async () => {
    const store = newStore();
    await training(store).run();
    await training(store).run();
    const pruned = await pruneRuns({ store, artifactRetention: 1 });
    expect(pruned.troubles).toEqual([]);
    expect(await store.size('training/v0/replicate_0/baseline/train/model.json')).toBeUndefined();
    const key = 'training/v1/replicate_0/baseline/train/model.json';
    expect((await openRuns({ store }).verify()).faults).toEqual([]);
    await store.put(key, Buffer.from('{"fit": 0}'));
    const { faults } = await openRuns({ store }).verify();
    expect(JSON.stringify(faults)).toContain(key);
  });
}
