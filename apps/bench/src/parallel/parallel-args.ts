/** What the programs of this benchmark are told. */
export interface ParallelArgs {
  readonly cells: number;
  /** See `compute`. */
  readonly rounds: number;
  readonly workers: number;
  /** Of the bare program: whether its workers import what an experiment's module imports. */
  readonly withImport?: boolean;
  readonly runtime: 'serial' | 'worker_threads' | 'child_process';
}
