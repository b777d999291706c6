import { Experiment, grid } from '@crystallize/core';
import { csvDatasource } from '@crystallize/datasources';
import { fit } from '../penguins/fit.ts';
import { Penguin } from '../penguins/penguin.ts';
import { split } from '../penguins/split.ts';
import { validate } from '../penguins/validate.ts';

/** Every number of neighbours with both kinds of units: a sweep, made of the steps of another example. */
export const sweep = new Experiment({
  name: 'penguin-sweep',
  datasource: csvDatasource(new URL('../penguins/penguins.csv', import.meta.url), { schema: Penguin }),
  pipeline: [split(), fit(), validate()],
  treatments: grid({ k: [1, 5, 15, 45], scaled: [false, true] }),
  replicates: 10,
  seed: 42,
});

if (import.meta.main) {
  const result = await sweep.run();
  const ranked = Object.entries(result.treatments)
    .map(([name, condition]) => ({ name, accuracy: mean(condition.numbers('validation_accuracy')) }))
    .sort((a, b) => b.accuracy - a.accuracy);
  for (const { name, accuracy } of ranked) console.log(`${name.padEnd(18)} ${(100 * accuracy).toFixed(1)} %`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
