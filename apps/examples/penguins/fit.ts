import { Artifact, jsonCodec, pipelineStep } from '@crystallize/core';
import type { MeasuredPenguin } from './measured-penguin.ts';
import { fitNearestNeighbours, type NearestNeighbours } from './nearest-neighbours.ts';
import type { Split } from './split.ts';

/** A fitted model, with the lines of `penguins.csv` that it has not seen. */
export interface TrainedModel extends NearestNeighbours {
  readonly heldOut: readonly number[];
}

/** What training is for: the evaluation reads it. */
export const model = new Artifact('model.json', jsonCodec<TrainedModel>());

/** Fits a classifier and keeps it. */
export const fit = pipelineStep({
  name: 'fit',
  params: { k: 5, scaled: false },
  async run(
    { train, validation, heldOut }: Split,
    _ctx,
    { k, scaled },
  ): Promise<{ fitted: NearestNeighbours; validation: readonly MeasuredPenguin[] }> {
    const fitted = fitNearestNeighbours(train, { k, scaled });
    await model.write({ ...fitted, heldOut });
    return { fitted, validation };
  },
});
