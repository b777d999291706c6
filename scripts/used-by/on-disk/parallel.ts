// The same cells on workers: `node parallel.ts worker_threads`, `node parallel.ts child_process`.
import { ArtifactPlugin } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  jsonCodec,
  ParallelExecution,
  pipelineStep,
} from '@crystallize/core';

const [runtime = 'serial'] = process.argv.slice(2);
const draws = new Artifact('draws.json', jsonCodec<readonly number[]>());

class Unlucky extends RangeError {
  override readonly name = 'Unlucky';
}

const draw = pipelineStep({
  name: 'draw',
  params: { times: 1 },
  async run(replicate: number, ctx, { times }) {
    const drawn = Array.from({ length: times }, () => ctx.rng.int(1, 6));
    await draws.write(drawn);
    ctx.record('drawn', drawn);
    if (replicate === 5) throw new Unlucky(`replicate ${replicate}`);
    return process.pid;
  },
});

// No guard: in a worker, run() stays pending.
const experiment = new Experiment({
  name: `drawing-${runtime}`,
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [draw()],
  treatments: { twice: { times: 2 } },
  outputs: [draws],
  plugins: [
    new ArtifactPlugin({ rootDir: 'runs' }),
    ...(runtime === 'serial' ? [] : [ParallelExecution({ runtime: runtime as 'worker_threads' })]),
  ],
  replicates: 8,
  seed: 11,
});
const result = await experiment.run();
console.log(
  JSON.stringify({
    status: result.status,
    drawn: result.treatments.twice.metrics,
    read: await result.artifact(draws, { condition: 'twice', replicate: 7 })?.load(),
    errors: result.errors.map(({ message, cause }) => [message, String(cause), cause instanceof RangeError]),
    warnings: result.warnings,
  }),
);
