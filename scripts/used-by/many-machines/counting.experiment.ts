// Run by any number of workers, stored where crystallize.config.ts says.
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, jsonCodec, pipelineStep } from '@crystallize/core';

const counted = new Artifact('counted.json', jsonCodec<{ readonly count: number; readonly pid: number }>());

const count = pipelineStep({
  name: 'count',
  params: { by: 1 },
  async run(replicate: number, ctx, { by }) {
    const total = (replicate + 1) * by;
    await counted.write({ count: total, pid: process.pid });
    ctx.record('count', total);
    return total;
  },
});

export const counting = new Experiment({
  name: 'counting',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [count()],
  treatments: { tens: { by: 10 } },
  outputs: [counted],
  plugins: [new ArtifactPlugin({ rootDir: 'runs' })],
  replicates: 6,
  seed: 3,
});
