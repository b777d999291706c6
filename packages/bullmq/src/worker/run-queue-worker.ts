import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openCellPool } from '@crystallize/core/worker';
import { checkServer } from '../connection/check-server.ts';
import { openConnection } from '../connection/connection.ts';
import { watchForLoss } from '../connection/loss-watch.ts';
import { LocalModules } from '../wire/local-module.ts';
import { QueueKeys } from '../wire/queue-keys.ts';
import { QueueWorker } from './queue-worker.ts';
import type { QueueWorkerEvent } from './queue-worker-event.ts';
import { type QueueWorkerOptions, readWorkerOptions } from './queue-worker-options.ts';
import { Slots } from './slots.ts';

/**
 * Runs cells of the queue's runs on this machine, until `signal` is aborted. Each run's experiment is made
 * anew from the same module below `root`, and compared with the coordinator's: what differs is refused.
 * Whoever can write to that Redis decides which modules of the project are imported.
 *
 * @example
 * await runQueueWorker({ queue: 'training', connection: 'redis://broker:6379', concurrency: 8 });
 *
 * @throws QueueOptionsError for wrong options; QueueUnreachableError when Redis can't be reached at the start,
 * or refuses the login. When the connection is lost later, the worker goes on trying.
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<void> {
  const settings = readWorkerOptions(options);
  const emit = (event: QueueWorkerEvent) => options.onEvent?.(event);
  const connection = await openConnection(settings.connection);
  const { redis, address } = connection;
  const unwatch = watchForLoss(redis, {
    patience: Number.POSITIVE_INFINITY,
    broken: (reason) =>
      warn(emit, `The connection to Redis at ${address} was lost (${reason}), and is being opened again.`),
    mended: () => warn(emit, `The connection to Redis at ${address} is open again.`),
  });
  try {
    for (const warning of await checkServer(connection)) warn(emit, warning);
    const worker = new QueueWorker({
      settings,
      redis,
      keys: new QueueKeys(settings.queue),
      name: { id: randomUUID(), host: hostname(), pid: process.pid },
      modules: new LocalModules(settings.root),
      slots: new Slots(settings.concurrency),
      openPool: openCellPool,
      emit,
    });
    emit({ type: 'ready', queue: settings.queue, concurrency: settings.concurrency });
    await worker.work(options.signal);
  } finally {
    unwatch();
    redis.disconnect();
  }
  emit({ type: 'stopped' });
}

function warn(emit: (event: QueueWorkerEvent) => void, message: string): void {
  emit({ type: 'warning', message });
}
