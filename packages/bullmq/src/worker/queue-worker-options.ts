import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import type { QueueConnection } from '../connection/connection.ts';
import { QueueOptionsError } from '../queue-errors.ts';
import { problemOfQueueName } from '../wire/queue-keys.ts';
import type { QueueWorkerEvent } from './queue-worker-event.ts';

/** How a worker runs cells of a queue. */
export interface QueueWorkerOptions {
  /** Name of the queue, as the coordinators have it. */
  readonly queue: string;
  /** Where Redis is; see `BullmqExecutionOptions.connection`. Its password never gets into a message. */
  readonly connection?: QueueConnection;
  /** How many cells run at the same time. Default: what the machine can run at once. */
  readonly concurrency?: number;
  /**
   * Absolute path of the project: modules that a run names are looked up below it. Default: the working directory.
   */
  readonly root?: string;
  /** Where cells run: `worker_threads`, the default, or `child_process`, which keeps crashes of a cell from the others. */
  readonly runtime?: 'worker_threads' | 'child_process';
  /**
   * For how long, in milliseconds, this worker may give no sign of life until its cells are given to others.
   * Default 10,000, at least 500. It counts from the worker's last sign of life; others look after half of it.
   */
  readonly lease?: number;
  /** Aborted: no further cell begins; those under way end and are reported. Default: the worker goes on for ever. */
  readonly signal?: AbortSignal;
  /** Told what happens; must not throw. */
  onEvent?(event: QueueWorkerEvent): void;
}

/** @internal The options as they are used. */
export type WorkerSettings = Required<Omit<QueueWorkerOptions, 'connection' | 'onEvent' | 'signal'>> & {
  readonly connection: QueueConnection | undefined;
};

const LEAST_LEASE = 500;
const RUNTIMES: readonly unknown[] = ['worker_threads', 'child_process'];

/** @internal @throws QueueOptionsError */
export function readWorkerOptions(options: QueueWorkerOptions): WorkerSettings {
  const { queue, connection, runtime = 'worker_threads', lease = 10_000, root = process.cwd() } = options;
  const { concurrency = availableParallelism() } = options;
  const problems = [
    problemOfQueueName(queue),
    Number.isInteger(concurrency) && concurrency >= 1
      ? undefined
      : `concurrency is a whole number of at least 1, and was given as ${concurrency}.`,
    lease >= LEAST_LEASE && Number.isInteger(lease)
      ? undefined
      : `lease is a whole number of at least ${LEAST_LEASE} ms, and was given as ${lease}.`,
    RUNTIMES.includes(runtime)
      ? undefined
      : `runtime is 'worker_threads' or 'child_process', and was given as '${runtime}'.`,
    isAbsolute(root) ? undefined : `root is an absolute path, and was given as '${root}'.`,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new QueueOptionsError('runQueueWorker', problems);
  return { queue, connection, concurrency, root, runtime, lease };
}
