import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, jsonCodec, type Plugin, pipelineStep } from '@crystallize/core';
import type { ArtifactStore } from '@crystallize/core/storage';
import { SqliteStore } from './sqlite-store.ts';

const path = new Artifact('path.json', jsonCodec<readonly number[]>());

const walk = pipelineStep({
  name: 'walk',
  params: { steps: 100 },
  async run(start: number, ctx, { steps }) {
    const places = [start];
    for (let step = 0; step < steps; step++)
      places.push((places.at(-1) ?? start) + (ctx.rng.bool() ? 1 : -1));
    await path.write(places);
    ctx.record('distance', Math.abs((places.at(-1) ?? start) - start));
  },
});

/** How far does a random walk get? Every path is kept, in a store of our own. */
export function walks(store: ArtifactStore, ...plugins: Plugin[]): Experiment {
  return new Experiment({
    name: 'walks',
    datasource: datasource(() => 0),
    pipeline: [walk()],
    treatments: { longer: { steps: 400 } },
    plugins: [new ArtifactPlugin({ store }), ...plugins],
    outputs: [path],
    replicates: 10,
    seed: 42,
  });
}

if (import.meta.main) {
  const store = new SqliteStore('artifacts/walks.db');
  const { executed, restored } = await walks(store).run({ strategy: 'resume' });
  console.log(`${executed} cells ran, ${restored} were in artifacts/walks.db already.`);
  store.close();
}
