// One of its cells fails: `npx crystallize run failing.experiment.ts`.
import { datasource, Experiment, pipelineStep } from '@crystallize/core';

const invert = pipelineStep({
  name: 'invert',
  run(value: number, ctx) {
    if (value === 0) throw new RangeError('Zero has no inverse.');
    ctx.record('inverse', 1 / value);
    return 1 / value;
  },
});

export const failing = new Experiment({
  name: 'failing',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [invert()],
  replicates: 2,
  seed: 1,
});
