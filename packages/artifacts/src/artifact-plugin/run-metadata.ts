import type { RunHandle, RunOutcome } from '@crystallize/core';
import { type RunMetadata, recordFormat, type SessionStart } from '@crystallize/core/storage';
import type { Extent } from './extent.ts';

/** What `metadata.json` says: what Python 0.27 reads of it first, then what else is good to know. */
export function runMetadata(
  run: RunHandle,
  { startedAt, retention }: SessionStart,
  endedAt: number,
  outcome: RunOutcome,
  { replicates, conditions }: Extent,
): RunMetadata {
  const { id, name, description } = run.experiment;
  return {
    replicates,
    id,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    format: recordFormat,
    run: run.id,
    status: outcome.status,
    seed: run.seed,
    conditions,
    steps: run.experiment.steps,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    ...(retention === undefined ? {} : { retention }),
  };
}
