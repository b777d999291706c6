import { ArtifactPlugin } from '@crystallize/artifacts';
import { Experiment, hypothesis } from '@crystallize/core';
import { csvDatasource } from '@crystallize/datasources';
import { pairedTTest } from '@crystallize/stats';
import { fit, model } from './fit.ts';
import { largestGain } from './largest-gain.ts';
import { Penguin } from './penguin.ts';
import { split } from './split.ts';
import { validate } from './validate.ts';

/** Which number of neighbours, and which units, tell penguins apart best? */
export const training = new Experiment({
  name: 'penguin-training',
  description: 'Fits a nearest-neighbours classifier of penguin species on a random split of the data.',
  datasource: csvDatasource(new URL('penguins.csv', import.meta.url), { schema: Penguin }),
  pipeline: [split(), fit(), validate()],
  // The baseline: k = 5, and measurements in the units of the file.
  treatments: {
    'k=1': { k: 1 },
    'k=15': { k: 15 },
    scaled: { scaled: true },
    'scaled-k=15': { scaled: true, k: 15 },
  },
  hypotheses: [
    hypothesis({
      name: 'validation accuracy',
      metrics: 'validation_accuracy',
      verifier: pairedTTest(),
      ranker: largestGain,
    }),
  ],
  plugins: [new ArtifactPlugin({ rootDir: 'artifacts', versioned: true })],
  outputs: [model],
  replicates: 40,
  seed: 42,
});
