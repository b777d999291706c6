import type { AttemptSpec, CellSpec } from '@crystallize/core';

/** Name of the jobs, as dashboards show it. */
export const JOB_NAME = 'cells';

/** One try of one cell, as a job carries it. */
export interface QueuedCell extends CellSpec {
  readonly attempt: AttemptSpec;
}

/** What a job carries: small cells share one. */
export interface CellJob {
  readonly cells: readonly QueuedCell[];
}

/** A name for a cell, unique in its run. */
export function cellName({ replicate, condition }: Omit<CellSpec, 'seed'>): string {
  return `${replicate}/${condition}`;
}
