/** A queue of BullMQ and nothing else: a job for each cell, whose results come back as events. */
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { printFigures, programArgs } from '../harness/program-args.ts';
import { startBeside } from './child.ts';
import { DoneTimes, type QueueTask } from './task.ts';

/** As many jobs as the experiment has in flight at most. */
const AT_ONCE = 1024;

const task = programArgs<QueueTask>();
const connect = () => new Redis(task.connection, { maxRetriesPerRequest: null });
const worker = await startBeside('./bare-worker.ts', task);
const queue = new Queue(task.queue, { connection: connect() });
const events = new QueueEvents(task.queue, { connection: connect() });
await events.waitUntilReady();

const done = new DoneTimes(task.count);
const values = new Set<number>();
const { promise: all, resolve } = Promise.withResolvers<void>();
let added = 0;
let adding = false;
const add = async () => {
  if (adding) return;
  adding = true;
  while (added < task.count && added - done.count < AT_ONCE) {
    const room = Math.min(task.count - added, AT_ONCE - (added - done.count));
    const jobs = Array.from({ length: room }, (_, index) => ({
      name: 'cell',
      data: { replicate: added + index },
      opts: { removeOnComplete: true },
    }));
    added += room;
    await queue.addBulk(jobs);
  }
  adding = false;
};
events.on('completed', ({ returnvalue }) => {
  done.note();
  values.add(Number(returnvalue));
  if (done.count === task.count) resolve();
  else void add();
});
await add();
await all;
if (values.size !== task.count)
  throw new Error(`${values.size} values came back, where ${task.count} were expected.`);
worker.kill();
printFigures({ microsecondsPerCell: done.microsecondsEach, cells: done.count });
process.exit();
