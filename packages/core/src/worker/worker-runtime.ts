/** Where a pool's workers run. */
export type WorkerRuntime = 'worker_threads' | 'child_process';
