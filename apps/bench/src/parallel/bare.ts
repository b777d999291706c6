/** The work of `experiment.ts`, given to tinypool directly. */
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { printFigures, programArgs } from '../harness/program-args.ts';
import type { BareTask } from './bare-task.ts';
import type { ParallelArgs } from './parallel-args.ts';

const { cells, rounds, workers, runtime, withImport = false } = programArgs<ParallelArgs>();

const task: BareTask = {
  rounds,
  ...(withImport ? { module: import.meta.resolve('@crystallize/core') } : {}),
};
const startedAt = performance.now();
const pool = new Tinypool({
  filename: fileURLToPath(new URL('./bare-task.ts', import.meta.url)),
  name: 'run',
  runtime: runtime === 'serial' ? 'worker_threads' : runtime,
  minThreads: workers,
  maxThreads: workers,
  ...(runtime === 'child_process' ? { serialization: 'advanced' as const } : {}),
});
let first = Number.NaN;
const results = await Promise.all(
  Array.from({ length: cells }, async () => {
    const result = (await pool.run(task)) as number;
    if (Number.isNaN(first)) first = performance.now() - startedAt;
    return result;
  }),
);
await pool.destroy();
const total = performance.now() - startedAt;

if (new Set(results).size !== 1) throw new Error('The tasks computed different things.');
printFigures({ total, first, microsecondsPerCell: ((total - first) * 1000) / cells });
