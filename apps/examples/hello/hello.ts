import { datasource, Experiment, pipelineStep } from '@crystallize/core';

const roll = pipelineStep({
  name: 'roll',
  params: { dice: 1 },
  run: (sides: number, ctx, { dice }) =>
    ctx.record('best', Math.max(...Array.from({ length: dice }, () => ctx.rng.int(1, sides)))),
});

const result = await new Experiment({
  datasource: datasource(() => 6),
  pipeline: [roll()],
  treatments: { 'two dice': { dice: 2 } },
  replicates: 1000,
  seed: 42,
}).run();

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(`The best of one die is ${mean(result.baseline.numbers('best')).toFixed(2)} on average,`);
console.log(`of two dice ${mean(result.treatments['two dice'].numbers('best')).toFixed(2)}.`);
