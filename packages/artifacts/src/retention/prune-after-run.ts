import type { ArtifactStore } from '@crystallize/core/storage';
import { Lineage } from './lineage.ts';
import { pruneExperiment } from './prune-experiment.ts';
import { type Retention, retentionOf } from './retention-rules.ts';

/** In milliseconds. A process on another machine whose lock shows no sign of life is asked again after the next run. */
const patience = 1000;

/**
 * Applies retention to an experiment of which a run has just finished. The version that it has written is
 * left alone, even if newer ones have finished meanwhile: its result is yet to be read. Never fails: what
 * went wrong, and what kept runs of other experiments lose their input by, is told by `warn`.
 */
export async function pruneAfterRun(
  store: ArtifactStore,
  { directory, version: written }: { readonly directory: string; readonly version: number | undefined },
  options: Parameters<typeof retentionOf>[0],
  warn: (message: string) => void,
): Promise<void> {
  const retention: Retention = retentionOf(options);
  try {
    const manner = { dryRun: false, lineage: new Lineage(store), patience, spared: written };
    for (const pruned of await pruneExperiment(store, directory, retention, manner)) {
      const { version, artifacts, bytes, chainedBy, trouble } = pruned;
      if (trouble !== undefined)
        warn(`Retention could not prune v${version} of '${directory}' as it should: ${trouble}`);
      if (chainedBy.length === 0 || artifacts.length === 0) continue;
      warn(
        `Retention has removed ${artifacts.length} artifacts (${bytes} bytes) of v${version} of '${directory}', from which ${chainedBy.join(', ')} was computed; their size and sha256 stay recorded. To keep such versions, raise artifactRetention.`,
      );
    }
  } catch (error) {
    warn(
      `Retention could not prune the older versions of '${directory}': ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
