/** The same cells as an experiment, serially or on workers. */
import { datasource, Experiment, ParallelExecution, pipelineStep, SerialExecution } from '@crystallize/core';
import { printFigures, programArgs } from '../harness/program-args.ts';
import type { ParallelArgs } from './parallel-args.ts';
import { compute } from './task.ts';

const { cells, rounds, workers, runtime } = programArgs<ParallelArgs>();

const experiment = new Experiment({
  name: 'parallel',
  datasource: datasource(() => rounds),
  pipeline: [
    pipelineStep({ name: 'compute', run: (count: number, ctx) => ctx.record('sum', compute(count)) })(),
  ],
  replicates: cells,
  seed: 1,
  plugins: [runtime === 'serial' ? SerialExecution() : ParallelExecution({ workers, runtime })],
});

const startedAt = performance.now();
let first = Number.NaN;
const cellsOf = experiment.stream();
for await (const _cell of cellsOf) if (Number.isNaN(first)) first = performance.now() - startedAt;
const result = await cellsOf.result;
const total = performance.now() - startedAt;

if (new Set(result.baseline.numbers('sum')).size !== 1)
  throw new Error('The cells computed different things.');
printFigures({ total, first, microsecondsPerCell: ((total - first) * 1000) / cells });
