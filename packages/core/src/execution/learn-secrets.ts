import type { Redactor } from '../context/redactor.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';

/**
 * @internal Learns all the secrets of a definition before anything runs: an earlier step, or another
 * cell, may come upon one that it was not given.
 */
export function learnSecrets(
  redactor: Redactor,
  experiment: ResolvedExperiment,
  plan: { readonly treatments: ReadonlyMap<string, Treatment | undefined> },
): void {
  redactor.learn(experiment.initialContext);
  for (const step of experiment.steps) {
    redactor.learn(step.params);
    redactor.learn(step.open);
  }
  const sources = [
    experiment.datasource,
    ...[...plan.treatments.values()].map((treatment) => treatment?.datasource),
  ];
  for (const source of sources) redactor.learn((source?.params ?? {}) as Readonly<Record<string, unknown>>);
  for (const treatment of plan.treatments.values()) redactor.learn(treatment?.values ?? {});
}
