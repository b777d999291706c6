/** A BullMQ worker whose jobs do nothing. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { programArgs } from '../harness/program-args.ts';
import type { QueueTask } from './task.ts';

const { connection, queue, concurrency } = programArgs<QueueTask>();
const worker = new Worker(queue, async ({ data }: { data: { replicate: number } }) => data.replicate, {
  connection: new Redis(connection, { maxRetriesPerRequest: null }),
  concurrency,
});
await worker.waitUntilReady();
process.send?.('ready');
