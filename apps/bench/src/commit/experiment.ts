/** The experiment of `overhead` in lanes that wait for the commit of each cell; nothing is kept of `unkept`. */
import { ArtifactPlugin } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { printFigures, programArgs } from '../harness/program-args.ts';
import { acknowledgedExecution } from './acknowledged-execution.ts';
import { CONDITIONS, type CommitTask, EXPERIMENT } from './task.ts';

const { rootDir, replicates, lanes, durability, unkept } = programArgs<CommitTask & { unkept?: true }>();

const add = pipelineStep({
  name: 'add',
  params: { by: 1 },
  run: (value: number, _ctx, { by }) => value + by,
});
const double = pipelineStep({ name: 'double', run: (value: number) => value * 2 });
const score = pipelineStep({
  name: 'score',
  run(value: number, ctx) {
    ctx.record('score', value);
    return value;
  },
});

const experiment = new Experiment({
  name: EXPERIMENT,
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [add(), double(), score()],
  treatments: { two: { by: 2 }, three: { by: 3 } },
  plugins: [
    acknowledgedExecution(lanes),
    ...(unkept ? [] : [new ArtifactPlugin({ rootDir, durability, versioned: true })]),
  ],
  replicates,
  seed: 1,
});

const startedAt = process.hrtime.bigint();
const result = await experiment.run();
const nanoseconds = Number(process.hrtime.bigint() - startedAt);

if (result.executed !== replicates * CONDITIONS)
  throw new Error(`The run had ${result.executed} cells, where ${replicates * CONDITIONS} were expected.`);
printFigures({ microsecondsPerCell: nanoseconds / 1000 / result.executed });
