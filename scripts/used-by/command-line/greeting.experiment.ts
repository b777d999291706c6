// Run from a shell: `npx crystallize run greeting.experiment.ts --json`.
import { ArtifactPlugin } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep } from '@crystallize/core';

const greet = pipelineStep({
  name: 'greet',
  params: { word: 'Hello' },
  run(name: string, ctx, { word }) {
    const greeting = `${word}, ${name}!`;
    ctx.record('length', greeting.length);
    return greeting;
  },
});

export const greeting = new Experiment({
  name: 'greeting',
  datasource: datasource(() => 'Ada'),
  pipeline: [greet()],
  treatments: { short: { word: 'Hi' } },
  plugins: [new ArtifactPlugin({ rootDir: 'runs' })],
  replicates: 2,
  seed: 1,
});
