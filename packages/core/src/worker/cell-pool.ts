import type { RunEvent } from '../plugin/events.ts';
import type { ArtifactTarget } from '../plugin/plugin.ts';
import type { ArtifactRecord, AttemptSpec, CellRecord, CellSpec } from '../plugin/records.ts';
import type { WorkerRuntime } from './worker-runtime.ts';

/** How a pool runs cells. */
export interface CellPoolOptions {
  /** How many workers; default: what the machine can run at once. */
  readonly workers?: number;
  /**
   * `worker_threads` start quicker and share the process; `child_process` keeps what a cell does to its
   * process (an exit, native code) from the others. Default `worker_threads`.
   */
  readonly runtime?: WorkerRuntime;
  /** Told of what happens in the cells, as it happens. Without it, nothing of that is sent. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Told what the user should know. */
  readonly onWarning?: (message: string) => void;
  /** Takes the bytes of artifacts that no plugin stores. Without it they are dropped. */
  readonly onArtifact?: (target: ArtifactTarget, bytes: Uint8Array) => void | Promise<unknown>;
  /** Aborted when no further cell is to start, also while the pool is being opened. Those that wait come to nothing. */
  readonly signal?: AbortSignal;
  /** How an earlier call of the main process ended, as text; see `PastCalls`. Without it, none has. */
  readonly pastCall?: (call: string) => Promise<string>;
  /** Whether the run was started on another machine: its data and packages are then compared as well. */
  readonly elsewhere?: boolean;
}

/** How one cell is run. */
export interface PooledCellOptions {
  /** Default: the first try. */
  readonly attempt?: AttemptSpec;
  /** Ends the cell, and with it what else its worker was given of this run. */
  readonly signal?: AbortSignal;
  /** Whether this try still counts; for cells that may have been given to somebody else. */
  readonly isCurrent?: () => Promise<boolean>;
}

/** Workers on this machine that run the cells of one run; made by `openCellPool`. */
export interface CellPool {
  /** How many cells run at the same time. */
  readonly workers: number;
  /** Resolves when a further cell would soon get to run; nothing to wait for where one would at once. */
  room(): void | Promise<void>;
  /**
   * Has a cell run. A worker that dies, exits or hangs makes a record of a failed cell, and another takes
   * its place. `undefined`: `signal` has ended it.
   * @throws StorageError when the worker could not store something: the run can't go on.
   * @throws ExperimentNotRebuiltError or WorkerMismatchError when a new worker can't take the place of another.
   */
  run(cell: CellSpec, options?: PooledCellOptions): Promise<CellRecord | undefined>;
  /** Tears the steps down and ends the workers. Cells that still run come to nothing. */
  close(): Promise<void>;
}

/** @internal A cell that was given to the pool. */
export interface PooledCell {
  readonly spec: CellSpec;
  attempt: AttemptSpec;
  readonly isCurrent: (() => Promise<boolean>) | undefined;
  /** What the cell has written until now, as its worker has told. */
  readonly written: ArtifactRecord[];
  /** Bytes of these that are being kept in this process. */
  readonly keeping: Promise<unknown>[];
  /** Where it is, as far as its worker has told. */
  step: string | undefined;
  /** Whether nothing is to come of it any more. */
  aborted: boolean;
  /** Whether a worker that had it was lost while nobody knew in which of its cells: it now runs by itself. */
  alone: boolean;
  /** Whether its worker tells at once where it is and that it has ended. */
  watched: boolean;
  resolve(record: CellRecord | undefined): void;
  reject(error: unknown): void;
}
