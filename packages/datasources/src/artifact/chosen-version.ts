import { ArtifactNotFoundError, type DatasourceScope } from '@crystallize/core';
import type { RunMetadata, SavedVersion } from '@crystallize/core/storage';
import type { UpstreamOptions } from './artifact-options.ts';
import { holdVersion } from './held-version.ts';
import type { UpstreamRuns } from './upstream-runs.ts';

/** The run that all replicates will read. */
export interface ChosenVersion {
  readonly version: SavedVersion;
  readonly metadata: RunMetadata | undefined;
  /** For messages and provenance. */
  readonly location: string;
}

/**
 * Chooses the version that a run reads, and keeps it from retention until the run has ended, where the
 * store can.
 * @throws ArtifactNotFoundError when there is none that will do, with what was looked for and what there is.
 */
export async function chooseVersion(
  runs: UpstreamRuns,
  options: UpstreamOptions,
  scope: DatasourceScope,
): Promise<ChosenVersion> {
  const { location } = runs.find(scope);
  const { directory } = runs;
  const { version: wanted = 'latest', requireMetadata = false } = options;
  const version = await holdVersion(() => findVersion(runs, wanted, scope), scope);
  const metadata = await version.metadata();
  if (metadata === undefined) {
    const where = `v${version.version} of the experiment '${directory}' in ${location}`;
    if (requireMetadata) {
      throw new ArtifactNotFoundError(
        `${where} has no metadata.json, because not all of its cells have ended${wanted === 'latest' ? ', and neither have those of another version' : ''}. Let it end (resume it), or leave requireMetadata out.`,
      );
    }
    scope.warn(
      `${where} has no metadata.json, because not all of its cells have ended. It is read as it is.`,
    );
  }
  return { version, metadata, location };
}

async function findVersion(
  runs: UpstreamRuns,
  wanted: number | 'latest',
  scope: DatasourceScope,
): Promise<SavedVersion> {
  const saved = runs.find(scope);
  const versions = await saved.versions();
  const { directory } = runs;
  const { location } = saved;
  if (versions.length === 0) {
    const others = await runs.neighbours();
    const found =
      others.length > 0 ? ` There are runs of ${others.map((name) => `'${name}'`).join(', ')}.` : '';
    throw new ArtifactNotFoundError(
      `No run of the experiment '${directory}' is stored in ${location}.${found} Run '${directory}' first, or say where its runs are with rootDir or store.`,
    );
  }
  const version =
    wanted === 'latest'
      ? (versions.findLast(({ finished }) => finished) ?? versions.at(-1))
      : versions.find((one) => one.version === wanted);
  if (version === undefined) {
    const list = versions.map((one) => `v${one.version}`).join(', ');
    throw new ArtifactNotFoundError(
      `The experiment '${directory}' has no version ${wanted} in ${location}. There are ${list}. Give one of them, or version: 'latest'.`,
    );
  }
  return version;
}
