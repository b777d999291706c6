import { writeSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import { ParallelExecution, type Plugin, SerialExecution, type WorkerRuntime } from '@crystallize/core';

/** `serial`, or where workers run. */
export const mode = process.argv[2] as 'serial' | WorkerRuntime;

/** Whether this is the process that the test has started, and not a worker. */
export const isMain: boolean = isMainThread && process.env['TINYPOOL_WORKER_ID'] === undefined;

/** Tells one worker from another. */
export const workerId = `${process.pid}/${threadId}`;

/** As the test asks for. */
export function executor(workers = 2): Plugin {
  return mode === 'serial' ? SerialExecution() : ParallelExecution({ workers, runtime: mode });
}

/** Tells the test something, at once. */
export function tell(label: string, value: unknown): void {
  writeSync(1, `${JSON.stringify({ told: label, value })}\n`);
}
