/** A cell in an event of a worker. */
export interface QueueWorkerCell {
  /** Name of its experiment, or where the experiment's runs are kept. */
  readonly experiment: string;
  readonly condition: string;
  readonly replicate: number;
}

/** What a worker tells while it attends a queue; all of it is plain data. */
export type QueueWorkerEvent =
  /** Once: it is connected, and waits for cells. */
  | { readonly type: 'ready'; readonly queue: string; readonly concurrency: number }
  /** A cell begins. Exactly one `cell:end` of the same cell follows. */
  | ({ readonly type: 'cell:start' } & QueueWorkerCell)
  | ({
      readonly type: 'cell:end';
      /** `aborted`: the run ended, or the cell was given to another worker. */
      readonly status: 'done' | 'failed' | 'aborted';
      /** Milliseconds. */
      readonly duration: number;
      /** Of a failed cell: the message, one sentence. */
      readonly error?: string;
    } & QueueWorkerCell)
  /** It takes no cells of a run. */
  | { readonly type: 'refused'; readonly experiment: string; readonly reason: string }
  | { readonly type: 'warning'; readonly message: string }
  /** Last, once. */
  | { readonly type: 'stopped' };
