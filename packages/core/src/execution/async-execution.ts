import { ExperimentInvalidError } from '../errors/run-errors.ts';
import type { CellWork, Plugin } from '../plugin/plugin.ts';

/** How cells overlap. */
export interface AsyncExecutionOptions {
  /** Cells under way at the same time; default 10. */
  readonly concurrency?: number;
}

/** Makes the plugin, with or without `new`. */
export interface AsyncExecutionFactory {
  (options?: AsyncExecutionOptions): Plugin;
  new (options?: AsyncExecutionOptions): Plugin;
}

const DEFAULT_CONCURRENCY = 10;

function makeAsyncExecution({ concurrency = DEFAULT_CONCURRENCY }: AsyncExecutionOptions = {}): Plugin {
  if (!(concurrency >= 1 && (Number.isInteger(concurrency) || concurrency === Infinity))) {
    throw new ExperimentInvalidError('AsyncExecution', [
      `concurrency is a whole number of at least 1, and was given as ${concurrency}.`,
    ]);
  }
  return {
    name: 'async-execution',
    async execute(_run, work) {
      const lanes = Math.min(concurrency, work.count);
      const queue = work.cells[Symbol.iterator]();
      await Promise.all(Array.from({ length: lanes }, () => drain(queue, work)));
    },
  };
}

async function drain(queue: Iterator<Parameters<CellWork['run']>[0]>, work: CellWork): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) await work.run(next.value);
}

/** Overlaps cells in one thread: for steps that wait, such as for a model's answer. */
export const AsyncExecution: AsyncExecutionFactory = makeAsyncExecution as unknown as AsyncExecutionFactory;
