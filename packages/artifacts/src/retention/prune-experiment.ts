import { type ArtifactStore, listVersions, metadataKey } from '@crystallize/core/storage';
import type { PrunedVersion } from './prune-report.ts';
import { type PruneManner, pruneVersion } from './prune-version.ts';
import { condemnedVersions, type Retention } from './retention-rules.ts';

/**
 * Applies retention to the versions of one experiment, but for the one that is spared, oldest first.
 * Trouble with one stops no other.
 */
export async function pruneExperiment(
  store: ArtifactStore,
  directory: string,
  retention: Retention,
  manner: PruneManner & { readonly spared?: number | undefined },
): Promise<readonly PrunedVersion[]> {
  if (retention.newest <= 0) return [];
  const numbers = await listVersions(store, directory);
  const versions = await Promise.all(
    numbers.map(async (version) => {
      const finished = (await store.size(metadataKey(directory, version))) !== undefined;
      return { version, finished };
    }),
  );
  const pruned: PrunedVersion[] = [];
  for (const condemnation of condemnedVersions(versions, retention)) {
    if (condemnation.version === manner.spared) continue;
    const outcome = await pruneVersion(store, directory, condemnation, manner);
    if (outcome) pruned.push(outcome);
  }
  return pruned;
}
