// The same from code: cells on a queue, runs in a bucket.
import { ArtifactPlugin } from '@crystallize/artifacts';
import { BullmqExecution } from '@crystallize/bullmq';
import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { s3Store } from '@crystallize/store-s3';

export const store = s3Store({ bucket: 'runs', prefix: 'team', endpoint: 'https://objects.example' });

export const experiment = new Experiment({
  name: 'in-a-bucket',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [pipelineStep({ name: 'same', run: (replicate: number) => replicate })()],
  plugins: [
    new ArtifactPlugin({ store }),
    new BullmqExecution({ queue: 'cells', connection: 'redis://queue.example' }),
  ],
});
