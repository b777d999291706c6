import { resolve } from 'node:path';
import { InvalidArgumentError } from '@crystallize/core';
import type { ArtifactStore } from '@crystallize/core/storage';
import { readArtifactPluginOptions } from '../artifact-plugin/artifact-plugin-options.ts';
import { fsStore } from '../fs-store/fs-store.ts';
import { Lineage } from './lineage.ts';
import { pruneExperiment } from './prune-experiment.ts';
import type { PrunedVersion, PruneReport, PruneTrouble } from './prune-report.ts';
import { experimentsIn } from './pruned-experiments.ts';
import { retentionOf } from './retention-rules.ts';
import { storedRetention } from './stored-retention.ts';

/** What is pruned, and what stays. */
export interface PruneOptions {
  /** The folder with the runs; or give `store`. */
  readonly rootDir?: string;
  /** The store with the runs. */
  readonly store?: ArtifactStore;
  /** One experiment, by its name or id. Default: every one. */
  readonly experiment?: string;
  /**
   * As the option of the ArtifactPlugin. Default: what the plugin had that wrote an experiment's newest
   * finished version; where none has said, the plugin's own default and environment variable.
   */
  readonly artifactRetention?: number;
  /** The same for the other option of the ArtifactPlugin, in MiB. */
  readonly bigFileThresholdMb?: number;
  /** Tells what would be removed, and removes nothing. Default false. */
  readonly dryRun?: boolean;
}

/**
 * Removes the artifacts that retention does not keep, as the ArtifactPlugin does after each run, here
 * for all experiments of a place. Results, metadata, manifests, markers and records stay, and with them
 * each artifact's size and sha256. Versions that a run writes, resumes or reads are left alone, and so
 * are those that have not finished, and runs of Crystallize for Python 0.27.
 *
 * Trouble with one experiment or version stops no other; it is in the report. A crash leaves every version whole, or
 * with what is missing explained, and the next prune goes on.
 *
 * @example
 * const { versions, bytes } = await pruneRuns({ rootDir: 'data', artifactRetention: 5, dryRun: true });
 * @throws InvalidArgumentError when an option is wrong, or nothing there is a run of Crystallize.
 * @throws ArtifactNotFoundError when there is no run of the experiment.
 * @throws StorageError when the place can't be read.
 */
export async function pruneRuns(options: PruneOptions): Promise<PruneReport> {
  const store = storeOf(options);
  const { dryRun = false, artifactRetention, bigFileThresholdMb } = options;
  const given = {
    ...(artifactRetention === undefined ? {} : { artifactRetention }),
    ...(bigFileThresholdMb === undefined ? {} : { bigFileThresholdMb }),
  };
  const { settings, problems } = readArtifactPluginOptions(given, process.env);
  // What is removed is gone: nothing is guessed.
  if (problems.length > 0) throw new InvalidArgumentError(`pruneRuns: ${problems.join(' ')}`);
  const found = await experimentsIn(store, options.experiment);
  const manner = { dryRun, lineage: new Lineage(store), patience: undefined };
  const versions: PrunedVersion[] = [];
  const troubles: PruneTrouble[] = [...found.troubles];
  for (const experiment of found.experiments) {
    try {
      const retention = retentionOf({ ...settings, ...(await storedRetention(store, experiment)), ...given });
      versions.push(...(await pruneExperiment(store, experiment, retention, manner)));
    } catch (error) {
      // Others may have lost artifacts by now, which must be told whatever this is.
      troubles.push({ experiment, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return {
    dryRun,
    artifacts: versions.reduce((sum, { artifacts }) => sum + artifacts.length, 0),
    bytes: versions.reduce((sum, { bytes }) => sum + bytes, 0),
    versions,
    troubles,
    notes: found.notes,
  };
}

function storeOf({ rootDir, store }: PruneOptions): ArtifactStore {
  if (store !== undefined && rootDir === undefined) return store;
  if (typeof rootDir === 'string' && rootDir !== '' && store === undefined) return fsStore(resolve(rootDir));
  const found = store !== undefined && rootDir !== undefined ? 'both' : 'neither';
  throw new InvalidArgumentError(
    `pruneRuns prunes a rootDir or a store, and was given ${found}. Give one of them.`,
  );
}
