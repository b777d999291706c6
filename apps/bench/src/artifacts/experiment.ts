/** One artifact for each cell, with everything that an experiment keeps beside it. */
import { ArtifactPlugin } from '@crystallize/artifacts';
import {
  Artifact,
  AsyncExecution,
  datasource,
  Experiment,
  pipelineStep,
  SerialExecution,
} from '@crystallize/core';
import { printFigures, programArgs } from '../harness/program-args.ts';
import { type ArtifactsTask, EXPERIMENT, FILE, Payload, STEP } from './payload.ts';

const task = programArgs<ArtifactsTask>();
const payload = new Payload(task);
const file = new Artifact(FILE);

const write = pipelineStep({
  name: STEP,
  params: { variant: 1 },
  async run(bytes: Uint8Array, ctx, { variant }) {
    await file.write(bytes);
    ctx.record('variant', variant);
  },
});

const { rootDir, durability, lanes, replicates } = task;
const experiment = new Experiment({
  name: EXPERIMENT,
  datasource: datasource((ctx) => payload.of(ctx.replicate, ctx.condition)),
  pipeline: [write()],
  treatments: { two: { variant: 2 }, three: { variant: 3 } },
  plugins: [
    lanes === 1 ? SerialExecution() : AsyncExecution({ concurrency: lanes }),
    new ArtifactPlugin({ rootDir, durability }),
  ],
  replicates,
  seed: 1,
});

const startedAt = process.hrtime.bigint();
const result = await experiment.run();
const nanoseconds = Number(process.hrtime.bigint() - startedAt);

if (result.status !== 'done') throw new Error(`The run is '${result.status}': ${result.errors[0]?.message}`);
printFigures({ microsecondsPerCell: nanoseconds / 1000 / result.executed });
