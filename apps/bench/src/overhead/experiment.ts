/** Three trivial steps, a baseline and two treatments, nothing stored. */
import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { peakMemoryKib, printFigures, programArgs } from '../harness/program-args.ts';

const { replicates } = programArgs<{ replicates: number }>();

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
  name: 'overhead',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [add(), double(), score()],
  treatments: { two: { by: 2 }, three: { by: 3 } },
  replicates,
  seed: 1,
});

const startedAt = process.hrtime.bigint();
const result = await experiment.run();
const nanoseconds = Number(process.hrtime.bigint() - startedAt);
const peakKib = peakMemoryKib();

const last = result.treatments.three.numbers('score')[replicates - 1];
if (last !== (replicates + 2) * 2) throw new Error(`The run computed ${last}.`);
printFigures({ microsecondsPerCell: nanoseconds / 1000 / result.executed, peakKib, cells: result.executed });
