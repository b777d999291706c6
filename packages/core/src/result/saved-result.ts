import type { ArtifactFile } from '../artifact/artifact-file.ts';
import { artifactIdentity } from '../artifact/artifact-identity.ts';
import { UpstreamFailedError } from '../errors/run-errors.ts';
import { ArtifactNotFoundError } from '../errors/storage-errors.ts';
import type { SavedArtifactTarget, SavedExperiment, SavedVersion } from '../storage/saved-run.ts';
import type { ConditionResult, Result } from './result.ts';

/** @internal A result in memory, read as if it were stored: it is the only version. */
export function savedResult(result: Result): SavedExperiment {
  const name = result.experiment.directory;
  return { name, location: 'memory', versions: async () => [versionOf(result)] };
}

function versionOf(result: Result): SavedVersion {
  const { directory, id, name } = result.experiment;
  const conditions = ['baseline', ...Object.keys(result.treatments)];
  return {
    experiment: directory,
    version: result.version ?? 0,
    finished: true,
    metadata: async () => ({ replicates: result.replicates, id, ...(name === undefined ? {} : { name }) }),
    conditions: async () => conditions,
    metrics: async (condition) => conditionOf(result, condition)?.metrics ?? {},
    cells: async () => conditions.flatMap((condition) => conditionOf(result, condition)?.cells ?? []),
    artifacts: async () => result.artifacts,
    artifact: async (target) => findArtifact(result, target),
    identify: async (target) => artifactIdentity(findArtifact(result, target)),
  };
}

function conditionOf(result: Result, condition: string): ConditionResult | undefined {
  return condition === 'baseline' ? result.baseline : result.treatments[condition];
}

function findArtifact(result: Result, target: SavedArtifactTarget): ArtifactFile {
  const { replicate, condition, step, name } = target;
  const experiment = result.experiment.directory;
  const failed = result.errors.find(
    (error) => error.replicate === replicate && error.condition === condition,
  );
  if (failed) throw new UpstreamFailedError({ experiment, replicate, condition }, failed.message);
  const beside = result.artifacts.filter(
    (file) => file.replicate === replicate && file.condition === condition,
  );
  const found = beside.findLast((file) => file.name === name && (step === undefined || file.step === step));
  if (found) return found;
  const list = beside.map((file) => `${file.step}/${file.name}`).join(', ');
  throw new ArtifactNotFoundError(
    `'${experiment}' has no artifact '${name}'${step === undefined ? '' : ` of step '${step}'`} in replicate ${replicate} of '${condition}' (in memory). There: ${list || 'nothing'}.`,
  );
}
