import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { ArtifactPlugin } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  ParallelExecution,
  pipelineStep,
  type WorkerRuntime,
} from '@crystallize/core';

// A run that something ends on its way: its workers write artifacts all the while.

const [, , runtime, rootDir = '', ending = '', strategy] = process.argv;
const isMain = isMainThread && process.env['TINYPOOL_WORKER_ID'] === undefined;
const tell = (label: string, value: unknown) => writeSync(1, `${JSON.stringify({ told: label, value })}\n`);

const report = new Artifact('report.bin');
const write = pipelineStep({
  name: 'write',
  async run(replicate: number, ctx) {
    ctx.log('at it', process.pid);
    const pieces = (async function* () {
      for (let piece = 0; piece < 20; piece++) {
        await new Promise(setImmediate);
        yield new Uint8Array(10_000).fill(replicate);
      }
    })();
    await report.writeStream(pieces);
    if (replicate === 6 && ending === 'killed worker' && process.env['TINYPOOL_WORKER_ID'] !== undefined)
      process.kill(process.pid, 'SIGKILL');
    ctx.record('replicate', replicate);
    return replicate;
  },
});
const experiment = new Experiment({
  name: 'interrupted',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [write()],
  outputs: [report],
  replicates: 40,
  seed: 2,
  plugins: [
    new ArtifactPlugin({ rootDir, versioned: true, durability: 'process' }),
    ParallelExecution({ workers: 2, runtime: runtime as WorkerRuntime }),
  ],
});

if (isMain) {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  process.once('SIGINT', () => controller.abort(reason));
  let committed = 0;
  const result = await experiment
    .run({
      signal: controller.signal,
      strategy: strategy === 'resume' ? 'resume' : 'rerun',
      onEvent(event) {
        if (event.type === 'log') tell('worker', event.data);
        if (event.type !== 'cell:end') return;
        committed++;
        tell('committed', event.cell.replicate);
        if (committed === 10) tell('ten', true);
      },
    })
    .catch((error: unknown) => (error === reason ? undefined : Promise.reject(error)));
  const { executed, restored, errors, baseline } = result ?? {};
  tell(
    'result',
    result && {
      executed,
      restored,
      failed: errors?.map((error) => [error.replicate, error.step]),
      values: baseline?.metrics['replicate'],
    },
  );
}
