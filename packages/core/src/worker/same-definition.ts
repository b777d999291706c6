import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { WorkerMismatchError } from '../errors/worker-errors.ts';
import { differencesBetween } from '../execution/resume/differences.ts';
import { describeDefinition } from '../execution/run-definition.ts';
import type { RunDescription } from '../plugin/records.ts';

/**
 * @internal Compares what was made here with what the main process runs.
 *
 * @param elsewhere - Another machine may also have other data.
 * @throws WorkerMismatchError that names every difference.
 */
export async function assertSameDefinition(
  experiment: ResolvedExperiment,
  treatments: ReadonlyMap<string, Treatment | undefined>,
  { definition, conditions }: RunDescription,
  elsewhere: boolean,
): Promise<void> {
  const own = await describeDefinition(experiment, treatments, definition, elsewhere ? 'look' : 'same');
  const differences = differencesBetween(definition, own).map(({ message }) => message);
  for (const name of conditions) {
    if (definition.conditions[name] === own.conditions[name]) continue;
    differences.push(`The treatment '${name}' sets something else.`);
  }
  if (differences.length > 0)
    throw new WorkerMismatchError(experiment.info.directory, differences, elsewhere);
}
