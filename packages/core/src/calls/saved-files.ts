import type { ArtifactFile } from '../artifact/artifact-file.ts';
import { ArtifactNotFoundError } from '../errors/storage-errors.ts';
import type { ArtifactSink, ArtifactTarget, Plugin } from '../plugin/plugin.ts';
import type { ExperimentInfo } from '../plugin/records.ts';
import { storedArtifact } from '../storage/stored-artifact.ts';

/** @internal Handles on the artifacts of a stored run, which is looked for when the first is read. */
export function savedFiles(
  experiment: ExperimentInfo,
  plugins: readonly Plugin[],
  version: number,
): Pick<ArtifactSink, 'open'> {
  const find = async (target: ArtifactTarget): Promise<ArtifactFile> => {
    const saved = plugins.findLast((plugin) => plugin.saved)?.saved?.(experiment);
    const found = (await saved?.versions())?.find((one) => one.version === version);
    if (found) return found.artifact(target);
    throw new ArtifactNotFoundError(
      `v${version} of '${experiment.directory}' is not where its plugin keeps runs${saved ? ` (${saved.location})` : ''}.`,
    );
  };
  return {
    open(target, { size, sha256 }) {
      const { replicate, condition, step, name } = target;
      const source = {
        location: `v${version} of '${experiment.directory}'`,
        get: async () => (await find(target)).bytes(),
        size: async () => (await find(target)).size ?? size,
        async *stream() {
          yield* (await find(target)).stream();
        },
      };
      const identity = {
        experiment: experiment.directory,
        version,
        replicate,
        condition,
        step,
        name,
        size,
        sha256,
      };
      return storedArtifact(source, `${step}/${name}`, identity);
    },
  };
}
