import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { treatment as makeTreatment, type Treatment } from '../definition/treatment.ts';
import { ExperimentNotRebuiltError } from '../errors/worker-errors.ts';
import { resolvedOf } from '../experiment/experiment.ts';
import type { RunDescription } from '../plugin/records.ts';

/**
 * @internal The treatment of each condition: as given to `run()`, as the experiment declares it, or as an
 * experiment upstream does.
 * @throws ExperimentNotRebuiltError for a condition that none of them has.
 */
export function rebuildTreatments(
  experiment: ResolvedExperiment,
  { conditions, treatments: given, inherited }: RunDescription,
): ReadonlyMap<string, Treatment | undefined> {
  const found = new Map<string, Treatment | undefined>();
  for (const name of conditions) {
    const byValue = given.find((treatment) => treatment.name === name);
    const treatment =
      (byValue && makeTreatment(name, byValue.values)) ??
      experiment.treatments.find((own) => own.name === name) ??
      (inherited.includes(name) ? upstreamTreatment(experiment, name) : undefined);
    if (!treatment && name !== 'baseline') {
      throw new ExperimentNotRebuiltError(
        experiment.info.directory,
        `the experiment that its module makes has no treatment '${name}'.`,
      );
    }
    found.set(name, treatment);
  }
  return found;
}

/** The nearest upstream treatment of a name, as a graph hands it down: without a datasource of its own. */
function upstreamTreatment(experiment: ResolvedExperiment, name: string): Treatment | undefined {
  for (const upstream of experiment.datasource.upstream ?? []) {
    const resolved = typeof upstream === 'object' ? resolvedOf(upstream) : undefined;
    if (!resolved) continue;
    const own = resolved.treatments.find((treatment) => treatment.name === name);
    if (own) {
      const { datasource: _datasource, ...handedDown } = own;
      return handedDown;
    }
    const further = upstreamTreatment(resolved, name);
    if (further) return further;
  }
  return undefined;
}
