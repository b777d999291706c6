import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { jsonLinesTracker } from './json-lines-tracker.ts';

const walk = pipelineStep({
  name: 'walk',
  params: { steps: 100 },
  run(start: number, ctx, { steps }) {
    let place = start;
    for (let step = 0; step < steps; step++) place += ctx.rng.bool() ? 1 : -1;
    ctx.record('distance', Math.abs(place - start));
  },
});

/** How far does a random walk get? Followed by a plugin of our own. */
export const tracked = new Experiment({
  name: 'random-walk',
  datasource: datasource(() => 0),
  pipeline: [walk()],
  treatments: { longer: { steps: 400 } },
  plugins: [jsonLinesTracker('artifacts/random-walk.jsonl')],
  replicates: 5,
  seed: 42,
});

if (import.meta.main) {
  const result = await tracked.run();
  console.log(`${result.executed} cells ran. artifacts/random-walk.jsonl tells of each.`);
}
