import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, AsyncExecution, datasource, Experiment, jsonCodec, pipelineStep } from '@crystallize/core';
import type { ArtifactStore } from '@crystallize/core/storage';

/** What every cell of the training writes. */
export const model: Artifact<{ fit: number }, 'model.json'> = new Artifact(
  'model.json',
  jsonCodec<{ fit: number }>(),
);
const weights = new Artifact('deep/weights.bin');

const weightsSize = 200_000;

async function* pieces(fill: number) {
  for (let left = weightsSize; left > 0; left -= 65_536)
    yield new Uint8Array(Math.min(left, 65_536)).fill(fill);
}

/** Two conditions; each cell writes a value and a stream, and tells when it runs. */
export function training(
  store: ArtifactStore,
  {
    replicates = 3,
    onRun,
    artifactRetention,
  }: { replicates?: number; onRun?: (cell: string) => void; artifactRetention?: number } = {},
) {
  const train = pipelineStep({
    name: 'train',
    params: { factor: 1 },
    async run(value: number, ctx, { factor }) {
      onRun?.(`${ctx.replicate} ${ctx.condition}`);
      const fit = value * factor + ctx.rng.normal();
      await model.write({ fit });
      await weights.writeStream(pieces(ctx.replicate % 250));
      return ctx.record('fit', fit);
    },
  });
  return new Experiment({
    name: 'training',
    datasource: datasource((ctx) => ctx.replicate + 1),
    pipeline: [train()],
    treatments: { steep: { factor: 2 } },
    outputs: [model],
    plugins: [
      new ArtifactPlugin({
        store,
        versioned: true,
        ...(artifactRetention !== undefined && { artifactRetention }),
      }),
      AsyncExecution({ concurrency: 4 }),
    ],
    replicates,
    seed: 5,
  });
}
