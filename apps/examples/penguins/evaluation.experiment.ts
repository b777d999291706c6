import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, Experiment, hypothesis, inputs, pipelineStep, textCodec } from '@crystallize/core';
import { artifactDatasource, csvDatasource } from '@crystallize/datasources';
import { pairedTTest } from '@crystallize/stats';
import { model, type TrainedModel } from './fit.ts';
import { largestGain } from './largest-gain.ts';
import { measuredPenguins } from './measured-penguin.ts';
import { Penguin, SPECIES } from './penguin.ts';
import { accuracy, type Prediction, predict, predictionsCsv, recall } from './prediction.ts';
import { training } from './training.experiment.ts';

const table = new Artifact('predictions.csv', textCodec());

/** Asks the model for the species of the penguins that it has never seen. */
const classifyHeldOut = pipelineStep({
  name: 'classify',
  async run({
    trained,
    penguins,
  }: {
    trained: TrainedModel;
    penguins: readonly Penguin[];
  }): Promise<Prediction[]> {
    const heldOut = new Set(trained.heldOut);
    const unseen = measuredPenguins(penguins).filter(({ line }) => heldOut.has(line));
    const predictions = predict(trained, unseen);
    await table.write(predictionsCsv(predictions));
    return predictions;
  },
});

const score = pipelineStep({
  name: 'score',
  run(predictions: readonly Prediction[], ctx) {
    ctx.record('accuracy', accuracy(predictions));
    for (const species of SPECIES)
      ctx.record(`recall_${species.toLowerCase()}`, recall(predictions, species));
  },
});

/** How good is each model on penguins that played no part in making it? */
export const evaluation = new Experiment({
  name: 'penguin-evaluation',
  description: 'Tests every model of penguin-training on the penguins that were held out from it.',
  datasource: inputs({
    trained: artifactDatasource(training, model),
    penguins: csvDatasource(new URL('penguins.csv', import.meta.url), { schema: Penguin }),
  }),
  pipeline: [classifyHeldOut(), score()],
  hypotheses: [
    hypothesis({ name: 'accuracy', metrics: 'accuracy', verifier: pairedTTest(), ranker: largestGain }),
    hypothesis({
      name: 'finds Chinstraps',
      metrics: 'recall_chinstrap',
      verifier: pairedTTest(),
      ranker: largestGain,
    }),
  ],
  plugins: [new ArtifactPlugin({ rootDir: 'artifacts', versioned: true })],
  seed: 42,
});
