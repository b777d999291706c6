export { BullmqExecution, type BullmqExecutionFactory } from './bullmq-execution.ts';
export type { QueueConnection } from './connection/connection.ts';
export type { BullmqExecutionOptions } from './coordinator/execution-options.ts';
export {
  QueueLostError,
  QueueOptionsError,
  QueueTakenOverError,
  QueueUnattendedError,
  QueueUnreachableError,
  QueueWorkersLostError,
} from './queue-errors.ts';
export { ForeignModuleError } from './wire/foreign-module-error.ts';
export type { QueueWorkerCell, QueueWorkerEvent } from './worker/queue-worker-event.ts';
export type { QueueWorkerOptions } from './worker/queue-worker-options.ts';
export { runQueueWorker } from './worker/run-queue-worker.ts';
