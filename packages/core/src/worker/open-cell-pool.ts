import type { RunDescription } from '../plugin/records.ts';
import type { CellPool, CellPoolOptions } from './cell-pool.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * Starts workers on this machine for the cells of a run. Each imports the module that made the experiment,
 * makes it anew, and compares it with what the main process has.
 *
 * @example
 * const pool = await openCellPool(await work.describe(), { workers: 4 });
 * try {
 *   const record = await pool.run(cell);
 * } finally {
 *   await pool.close();
 * }
 *
 * @throws ExperimentNotRebuiltError, WorkerMismatchError, or what a plugin's `init` threw in a worker.
 */
export async function openCellPool(
  description: RunDescription,
  options: CellPoolOptions = {},
): Promise<CellPool> {
  const { signal } = options;
  signal?.throwIfAborted();
  const pool = new WorkerPool(description, options);
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([pool.open(), aborted.promise]);
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
