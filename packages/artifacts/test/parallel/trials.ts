import { ArtifactPlugin } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  ParallelExecution,
  pipelineStep,
  treatment,
  type WorkerRuntime,
} from '@crystallize/core';

// Trials store nothing, also where workers run them.

const [, , runtime, rootDir = ''] = process.argv;
const work = pipelineStep({
  name: 'work',
  params: { k: 1 },
  async run(data: number, ctx, { k }) {
    await new Artifact('work.txt').write(`${k}`);
    ctx.record('score', data * k);
    return { output: data * k };
  },
});
const experiment = new Experiment({
  name: 'trials',
  datasource: datasource(() => 5),
  pipeline: [work()],
  plugins: [
    new ArtifactPlugin({ rootDir }),
    ParallelExecution({ workers: 1, runtime: runtime as WorkerRuntime }),
  ],
});
let asked = 3;
const best = await experiment.optimize(
  {
    objective: { metric: 'score', direction: 'maximize' },
    ask: () => (asked > 1 ? treatment(`k=${asked}`, { k: asked-- }) : undefined),
    tell: () => {},
  },
  { trials: 2, replicatesPerTrial: 2 },
);
const applied = await experiment.apply(best, { data: 7 });
console.log(JSON.stringify([best.name, applied]));
