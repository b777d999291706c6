import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CellJob } from './cell-job.ts';
import type { QueueKeys } from './queue-keys.ts';

/** BullMQ's queue of one run, over a connection that stays open when it is closed. */
export function openQueue(redis: Redis, keys: QueueKeys, run: string): Queue<CellJob> {
  const queue = new Queue<CellJob>(run, { connection: redis, prefix: keys.prefix, skipVersionCheck: true });
  // Those of the connection are watched where it was opened.
  queue.on('error', () => {});
  return queue;
}
