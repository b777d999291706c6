// Runs the walks in workers, in processes or threads, each with a store of its own for the same database.
import { isMainThread } from 'node:worker_threads';
import { ParallelExecution } from '@crystallize/core';
import { SqliteStore } from '../sqlite-store/sqlite-store.ts';
import { walks } from '../sqlite-store/walks.experiment.ts';

const runtime = process.argv[2] as 'worker_threads' | 'child_process';
export const experiment = walks(
  new SqliteStore('artifacts/walks.db'),
  ParallelExecution({ workers: 2, runtime }),
);

if (import.meta.main && isMainThread) {
  const { status, executed } = await experiment.run();
  console.log(`${status}: ${executed} cells ran.`);
}
