import { availableParallelism } from 'node:os';
import { pastCalls } from '../calls/past-calls.ts';
import { ExperimentInvalidError } from '../errors/run-errors.ts';
import type { CellWork, Plugin } from '../plugin/plugin.ts';
import type { RunHandle } from '../plugin/run-handle.ts';
import type { CellPool } from '../worker/cell-pool.ts';
import type { WorkerRuntime } from '../worker/worker-runtime.ts';

/** Where and how many cells run at the same time. */
export interface ParallelExecutionOptions {
  /** How many workers; default: what the machine can run at once. */
  readonly workers?: number;
  /**
   * `worker_threads`, the default, start quickest. `child_process` keeps what a cell may do to its process,
   * such as native code that crashes, from the run.
   */
  readonly runtime?: WorkerRuntime;
}

/** Makes the plugin, with or without `new`. */
export interface ParallelExecutionFactory {
  (options?: ParallelExecutionOptions): Plugin;
  new (options?: ParallelExecutionOptions): Plugin;
}

const RUNTIMES: readonly unknown[] = ['worker_threads', 'child_process'];

function makeParallelExecution(options: ParallelExecutionOptions = {}): Plugin {
  const { workers = availableParallelism(), runtime = 'worker_threads' } = options;
  const problems: string[] = [];
  if (!(Number.isInteger(workers) && workers >= 1))
    problems.push(`workers is a whole number of at least 1, and was given as ${workers}.`);
  if (!RUNTIMES.includes(runtime))
    problems.push(`runtime is 'worker_threads' or 'child_process', and was given as '${runtime}'.`);
  if (problems.length > 0) throw new ExperimentInvalidError('ParallelExecution', problems);
  return {
    name: 'parallel-execution',
    async execute(run, work) {
      // Loaded when it is needed: most processes have no workers.
      const { openCellPool } = await import('../worker/open-cell-pool.ts');
      const description = await work.describe();
      const opening = openCellPool(description, {
        workers: Math.min(workers, work.count),
        runtime,
        signal: run.stopSignal,
        onEvent: run.observed ? (event) => run.emit(event) : undefined,
        onWarning: (message) => run.warn(message),
        onArtifact: (target, bytes) => work.artifacts.write(target, bytes),
        pastCall: (call) => pastCalls.answer(call),
      });
      const pool = await opening.catch((error: unknown) => {
        // The run knows by itself why it stops.
        if (!run.stopSignal.aborted) throw error;
      });
      if (!pool) return;
      try {
        await runAll(run, work, pool);
      } finally {
        await pool.close();
      }
    },
  };
}

/** Feeds the pool as it has room, so that a run that stops leaves no queue behind. */
async function runAll(run: RunHandle, work: CellWork, pool: CellPool): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (const cell of work.cells) {
    const room = pool.room();
    if (room) await room;
    if (failure || run.stopSignal.aborted) break;
    const done = work
      .runBy(cell, (attempt) => pool.run(cell, { attempt, signal: run.signal }))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(done));
    running.add(done);
  }
  await Promise.all(running);
  if (failure) throw failure.error;
}

/**
 * Runs cells on all cores of this machine: each worker imports the module that constructed the experiment,
 * and makes it there anew. Seeds, results, files and errors are those of a serial run.
 *
 * @example
 * new Experiment({ …, plugins: [new ParallelExecution({ workers: 4 })] })
 *
 * @throws ExperimentInvalidError for wrong options.
 */
export const ParallelExecution: ParallelExecutionFactory =
  makeParallelExecution as unknown as ParallelExecutionFactory;
