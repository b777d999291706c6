import { recordError } from '../plugin/error-record.ts';
import type { CellRecord } from '../plugin/records.ts';
import type { PooledCell } from './cell-pool.ts';

/**
 * @internal The record of a cell whose worker can't make one any more.
 *
 * @param duration - Milliseconds.
 */
export function failedRecord(cell: PooledCell, error: Error, duration: number): CellRecord {
  const { spec, attempt, written, step } = cell;
  return {
    replicate: spec.replicate,
    condition: spec.condition,
    seed: spec.seed,
    status: 'failed',
    metrics: [],
    artifacts: written,
    steps: [],
    inputs: [],
    error: recordError(error),
    failedStep: step ?? 'datasource',
    startedAt: Date.now() - duration,
    duration,
    attempts: attempt.number,
  };
}
