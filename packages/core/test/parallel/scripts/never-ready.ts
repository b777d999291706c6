import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { executor, isMain, tell } from './support.ts';

// A module that a worker can't import, by each way in which that may end.
const way = process.argv[3];
if (!isMain && way === 'throws') throw new RangeError('not here');
if (!isMain && way === 'exits') process.exit(4);
if (way === 'starts not') process.env['NODE_OPTIONS'] = '--require=./missing.cjs';
if (!isMain && way === 'hangs') await new Promise((resolve) => setTimeout(resolve, 60_000));
const experiment = new Experiment({
  name: 'never ready',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [pipelineStep({ name: 'work', run: (data: number) => data })()],
  plugins: [executor(2)],
  replicates: 4,
});
const outcome = await experiment
  .run(way === 'hangs' ? { signal: AbortSignal.timeout(300) } : {})
  .catch(({ name, code, message, cause }) => ({ name, code, message, cause: String(cause) }));
tell('outcome', outcome);
