/** What this command uses of the package `@crystallize/bullmq`, which need not be installed. */
export interface QueueWorkerOptions {
  /** Name of the queue. */
  readonly queue: string;
  /** URL of the Redis that has it. */
  readonly connection: string;
  /** Cells at the same time. */
  readonly concurrency: number;
  /** Absolute path of the folder below which the modules of experiments are looked for. */
  readonly root: string;
  readonly runtime: 'worker_threads' | 'child_process';
  /** Aborted: take no further cell, and let those under way end. */
  readonly signal: AbortSignal;
  onEvent(event: QueueWorkerEvent): void;
}

/** Which cell an event is about. */
export interface QueueCell {
  readonly experiment: string;
  readonly condition: string;
  readonly replicate: number;
}

/** What a worker tells of its work. */
export type QueueWorkerEvent =
  | { readonly type: 'ready'; readonly queue: string; readonly concurrency: number }
  | ({ readonly type: 'cell:start' } & QueueCell)
  | ({
      readonly type: 'cell:end';
      /** Absent, or `aborted`, where the run ended first, or the cell was given to another worker. */
      readonly status?: string;
      /** Milliseconds. */
      readonly duration?: number;
      /** Why it failed. */
      readonly error?: string;
    } & QueueCell)
  | { readonly type: 'refused'; readonly experiment: string; readonly reason: string }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'stopped' };

/** Runs cells of a queue until its signal is aborted and those under way have ended. */
export type RunQueueWorker = (options: QueueWorkerOptions) => Promise<void>;
