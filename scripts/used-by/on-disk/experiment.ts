// Each run is kept in a folder: `node experiment.ts`.
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, jsonCodec, pipelineStep } from '@crystallize/core';

export interface Line {
  readonly slope: number;
}

export const line = new Artifact('line.json', jsonCodec<Line>());

const fit = pipelineStep({
  name: 'fit',
  params: { weight: 1 },
  async run(points: readonly (readonly [x: number, y: number])[], ctx, { weight }) {
    const slope = (weight * points.reduce((sum, [x, y]) => sum + y / x, 0)) / points.length;
    await line.write({ slope });
    ctx.record('slope', slope);
    return slope;
  },
});

export const lines = new Experiment({
  name: 'lines',
  datasource: datasource((ctx) => [1, 2, 3].map((x) => [x, x * (ctx.replicate + 1)] as const)),
  pipeline: [fit()],
  treatments: { heavy: { weight: 3 } },
  outputs: [line],
  plugins: [new ArtifactPlugin({ rootDir: 'runs', versioned: true })],
  replicates: 2,
  seed: 42,
});

if (import.meta.main) {
  const { status, version, dir, executed, restored, warnings } = await lines.run();
  console.log(JSON.stringify({ status, version, dir, executed, restored, warnings }));
}
