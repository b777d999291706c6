import type { RunHandle, RunOutcome } from '@crystallize/core';
import { type RunMetadata, recordFormat, type SessionStart } from '@crystallize/core/storage';

/** What `metadata.json` says: what Python 0.27 reads of it first, then what else is good to know. */
export function runMetadata(run: RunHandle, session: SessionStart, outcome: RunOutcome): RunMetadata {
  const { id, name, description } = run.experiment;
  return {
    replicates: run.replicates,
    id,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    format: recordFormat,
    run: run.id,
    status: outcome.status,
    seed: run.seed,
    conditions: run.conditions,
    steps: run.experiment.steps,
    startedAt: new Date(session.startedAt).toISOString(),
    endedAt: new Date().toISOString(),
  };
}
