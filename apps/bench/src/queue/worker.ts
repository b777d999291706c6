/** A worker of Crystallize's. */
import { runQueueWorker } from '@crystallize/bullmq';
import { programArgs } from '../harness/program-args.ts';
import type { QueueTask } from './task.ts';

const { connection, queue, concurrency } = programArgs<QueueTask>();
await runQueueWorker({
  connection,
  queue,
  concurrency,
  onEvent: (event) => {
    if (event.type === 'ready') process.send?.('ready');
    if (event.type === 'refused' || event.type === 'warning') console.error(event);
  },
});
