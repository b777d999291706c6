import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { runExperiment } from '../execution/run-experiment.ts';
import { savedRunsOf } from './saved-runs.ts';

/** What `apply` may be given. */
export interface ApplyOptions {
  /** Goes through the pipeline in place of what the datasource yields. */
  readonly data?: unknown;
  /** A whole number; default: the experiment's, else one is drawn. */
  readonly seed?: number;
}

/** @internal One cell, replicate 0, and what its last step passes on. Stores nothing. */
export async function applyPipeline(
  experiment: ResolvedExperiment,
  treatment: Treatment | string | undefined,
  { data, seed }: ApplyOptions,
): Promise<unknown> {
  const wanted = treatment === undefined || treatment === 'baseline' ? [] : [treatment];
  let output: unknown;
  const options = {
    treatments: wanted,
    hypotheses: [],
    replicates: 1,
    failFast: true,
    ...(seed === undefined ? {} : { seed }),
  };
  await runExperiment(experiment, options, {
    purpose: 'apply',
    saved: savedRunsOf(experiment),
    only: typeof treatment === 'object' ? treatment.name : (treatment ?? 'baseline'),
    ...(data === undefined ? {} : { data: { value: data } }),
    onOutput: (value) => {
      output = value;
    },
  });
  return output;
}
