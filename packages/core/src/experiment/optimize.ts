import { drawSeed } from '../context/seed.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { ExperimentInvalidError } from '../errors/run-errors.ts';
import { runExperiment } from '../execution/run-experiment.ts';
import type { Result } from '../result/result.ts';
import { savedRunsOf } from './saved-runs.ts';

/** A treatment that was tried. */
export interface Trial {
  readonly treatment: Treatment;
  /** Mean of the objective's metric over the replicates; NaN when every cell failed. */
  readonly score: number;
  readonly result: Result;
}

/** Proposes treatments and learns from their scores (ask/tell). */
export interface Optimizer {
  /** The metric to optimise; `minimize` is the default. */
  readonly objective: { readonly metric: string; readonly direction?: 'minimize' | 'maximize' };
  /** The next treatment, or several; `undefined` or an empty list ends the search. */
  ask(): Treatment | readonly Treatment[] | undefined | Promise<Treatment | readonly Treatment[] | undefined>;
  /** What came of one. */
  tell(trial: Trial): void | Promise<void>;
}

/** How long to search. */
export interface OptimizeOptions {
  /** How many treatments are tried at most. */
  readonly trials: number;
  /** Default 1. */
  readonly replicatesPerTrial?: number;
  readonly signal?: AbortSignal;
}

/** @internal Asks, runs and tells, one trial after the other. */
export async function optimizeExperiment(
  experiment: ResolvedExperiment,
  optimizer: Optimizer,
  { trials, replicatesPerTrial = 1, signal }: OptimizeOptions,
): Promise<Treatment> {
  const { metric, direction = 'minimize' } = optimizer.objective;
  const sign = direction === 'minimize' ? 1 : -1;
  // One seed for all of them, so that trials differ by their treatments and not by luck.
  const seed = experiment.seed ?? drawSeed();
  let best: Trial | undefined;
  for (let tried = 0; tried < trials; ) {
    const asked = (await optimizer.ask()) ?? [];
    const proposals = Array.isArray(asked) ? (asked as readonly Treatment[]) : [asked as Treatment];
    if (proposals.length === 0) break;
    for (const treatment of proposals.slice(0, trials - tried)) {
      tried++;
      const options = {
        treatments: [treatment],
        hypotheses: [],
        replicates: replicatesPerTrial,
        seed,
        ...(signal ? { signal } : {}),
      };
      const extras = { purpose: 'optimize', saved: savedRunsOf(experiment), only: treatment.name } as const;
      const result = await runExperiment(experiment, options, extras);
      const trial = { treatment, score: scoreOf(result, treatment.name, metric), result };
      await optimizer.tell(trial);
      if (!best || Number.isNaN(best.score) || sign * trial.score < sign * best.score) best = trial;
    }
  }
  if (best) return best.treatment;
  throw new ExperimentInvalidError('optimize()', [
    'it tried no treatment: trials is below 1, or ask() proposed none.',
  ]);
}

function scoreOf(result: Result, condition: string, metric: string): number {
  const side = condition === 'baseline' ? result.baseline : result.treatments[condition];
  const allFailed = result.errors.length > 0 && Object.keys(side?.metrics ?? {}).length === 0;
  const values = allFailed ? [] : (side?.numbers(metric) ?? []);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
