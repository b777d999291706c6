// Run by stored-experiments.test.ts in a process of its own, in which the producer never runs.
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, jsonCodec, pipelineStep } from '@crystallize/core';
import { artifactDatasource } from '../src/index.ts';

const rootDir = process.argv[2] as string;
const model = new Artifact('model.json', jsonCodec<{ replicate: number }>());
const never = pipelineStep({ name: 'fit', run: (): number => process.exit(1) });
const training = new Experiment({
  name: 'training',
  datasource: datasource(() => 0),
  pipeline: [never()],
  outputs: [model],
  plugins: [new ArtifactPlugin({ rootDir })],
});
const look = pipelineStep({
  name: 'look',
  run: (seen: { replicate: number }, ctx) => ctx.record('replicate', seen.replicate),
});

const byExperiment = await new Experiment({
  datasource: artifactDatasource(training, model),
  pipeline: [look()],
}).run();
const byName = await new Experiment({
  datasource: artifactDatasource('training', model, { rootDir }),
  pipeline: [look()],
}).run();
console.log(
  JSON.stringify({
    byExperiment: byExperiment.baseline.metrics['replicate'],
    byName: byName.baseline.metrics['replicate'],
    errors: [...byExperiment.errors, ...byName.errors].map(String),
  }),
);
