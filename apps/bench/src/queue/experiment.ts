/** An experiment whose cells do nothing, on a queue. */
import { BullmqExecution } from '@crystallize/bullmq';
import type { Plugin } from '@crystallize/core';
import { printFigures, programArgs } from '../harness/program-args.ts';
import { cells } from './cells.ts';
import { startBeside } from './child.ts';
import { DoneTimes, type QueueTask } from './task.ts';

const task = programArgs<QueueTask>();
const worker = await startBeside('./worker.ts', task);
const done = new DoneTimes(task.count);
const clock: Plugin = { name: 'clock', commitCell: () => done.note() };
const { queue, connection } = task;
const result = await cells(task.count, [new BullmqExecution({ queue, connection }), clock]).run();
const values = new Set(result.baseline.numbers('replicate'));
if (values.size !== task.count)
  throw new Error(`${values.size} values came back, where ${task.count} were expected.`);
worker.kill();
printFigures({ microsecondsPerCell: done.microsecondsEach, cells: done.count });
process.exit();
