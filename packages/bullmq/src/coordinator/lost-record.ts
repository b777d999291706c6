import { type AttemptSpec, type CellRecord, type CellSpec, recordError } from '@crystallize/core';
import { QueueWorkersLostError } from '../queue-errors.ts';

/** The record of a cell that no worker lived to end. */
export function lostRecord({ replicate, condition, seed }: CellSpec, { number }: AttemptSpec): CellRecord {
  return {
    replicate,
    condition,
    seed,
    status: 'failed',
    metrics: [],
    artifacts: [],
    steps: [],
    inputs: [],
    error: recordError(new QueueWorkersLostError()),
    startedAt: Date.now(),
    duration: 0,
    attempts: number,
  };
}
