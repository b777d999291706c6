import { datasource, Experiment, pipelineStep } from '@crystallize/core';

const { startedAt } = JSON.parse(process.argv[2]);

let first;
const step = pipelineStep({
  name: 'step',
  run(value) {
    first ??= process.hrtime.bigint();
    return value + 1;
  },
});

await new Experiment({ name: 'startup', datasource: datasource(() => 1), pipeline: [step()], seed: 1 }).run();
console.log(JSON.stringify({ milliseconds: Number(first - BigInt(startedAt)) / 1e6 }));
