import { Artifact, pipelineStep, textCodec } from '@crystallize/core';
import type { MeasuredPenguin } from './measured-penguin.ts';
import type { NearestNeighbours } from './nearest-neighbours.ts';
import { accuracy, predict, predictionsCsv } from './prediction.ts';

const table = new Artifact('predictions.csv', textCodec());

/** Tries a model on the penguins for tuning. */
export const validate = pipelineStep({
  name: 'validate',
  async run(
    { fitted, validation }: { fitted: NearestNeighbours; validation: readonly MeasuredPenguin[] },
    ctx,
  ) {
    const predictions = predict(fitted, validation);
    await table.write(predictionsCsv(predictions));
    ctx.record('validation_accuracy', accuracy(predictions));
  },
});
