/**
 * Three trivial steps; runs or resumes, and reads one number of the result. With `stopAfter` it stops
 * when so many cells have started. One file, since a resume compares the code.
 */
import { ArtifactPlugin } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep } from '@crystallize/core';

const { startedAt, rootDir, treatments, replicates, strategy, stopAfter } = JSON.parse(process.argv[2]);

const add = pipelineStep({ name: 'add', params: { by: 1 }, run: (value, _ctx, { by }) => value + by });
const double = pipelineStep({ name: 'double', run: (value) => value * 2 });
const score = pipelineStep({
  name: 'score',
  run(value, ctx) {
    ctx.record('score', value);
    return value;
  },
});

const experiment = new Experiment({
  name: 'resume',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [add(), double(), score()],
  treatments: Object.fromEntries(
    Array.from({ length: treatments }, (_, index) => [`t${index + 1}`, { by: index + 2 }]),
  ),
  plugins: [new ArtifactPlugin({ rootDir, versioned: true })],
  replicates,
  seed: 1,
});

const stop = new AbortController();
let started = 0;
const stopInTime = (event) => {
  if (event.type === 'cell:start' && ++started === stopAfter) stop.abort();
};
const stopping = stopAfter === undefined ? {} : { signal: stop.signal, onEvent: stopInTime };

const calledAt = process.hrtime.bigint();
try {
  const result = await experiment.run({ strategy, ...stopping });
  const value = result.treatments[`t${treatments}`].numbers('score')[replicates - 1];
  const readAt = process.hrtime.bigint();
  const { executed, restored } = result;
  console.log(
    JSON.stringify({
      milliseconds: Number(readAt - BigInt(startedAt)) / 1e6,
      loading: Number(readAt - calledAt) / 1e6,
      peakKib: process.resourceUsage().maxRSS,
      executed,
      restored,
      value,
    }),
  );
} catch (error) {
  if (error !== stop.signal.reason) throw error;
  console.log(JSON.stringify({ started }));
}
