import { resolve } from 'node:path';
import { StorageError } from '@crystallize/core';
import {
  assertName,
  checkName,
  listVersions,
  type ReadableStore,
  readFolder,
  type SavedExperiment,
  savedExperiment,
} from '@crystallize/core/storage';
import type { Verification, VerifyOptions } from '../verify/verification.ts';
import { verifyRuns } from '../verify/verify-runs.ts';

/** Where stored runs are looked for: in a folder, or in a store. */
export type OpenRunsOptions =
  | { readonly rootDir: string; readonly store?: never }
  | { readonly store: ReadableStore; readonly rootDir?: never };

/** The runs that are kept in one place. */
export interface SavedRuns {
  /** Where they are looked for, for messages: a folder or a store's name. */
  readonly location: string;
  /**
   * Every experiment of which a run is kept, by name; empty when there are none. Names that are no
   * experiment's are passed over.
   * @throws StorageError when the place can't be read.
   */
  experiments(): Promise<readonly SavedExperiment[]>;
  /**
   * One experiment, by its name or id. Nothing is read yet; its `versions()` are empty when no run is kept.
   * @throws UnsafeNameError when no experiment can have that name.
   */
  experiment(name: string): SavedExperiment;
  /**
   * Compares all that is stored with what was recorded: reads every artifact, log and claim, compares
   * results, markers, manifest and metadata with the records, and finds files that no record names. One
   * damaged version hides nothing of the others. Nothing is changed. A run that is going on meanwhile
   * yields notes, not faults. Hashes tell damage, not a forger who can write to the place.
   *
   * @throws ArtifactNotFoundError when the experiment or the version that was asked for is not there.
   * @throws StorageError when the place can't be read.
   */
  verify(options?: VerifyOptions): Promise<Verification>;
}

/**
 * Reads stored runs without the code that made them: those of an ArtifactPlugin, and those of
 * Crystallize for Python 0.27. Nothing is written, no lock is taken.
 *
 * @example
 * const runs = openRuns({ rootDir: 'data' });
 * for (const experiment of await runs.experiments()) {
 *   for (const version of await experiment.versions()) {
 *     console.log(experiment.name, version.version, await version.metrics('baseline'));
 *   }
 * }
 * @throws StorageError when neither a folder nor a store is given, or both.
 */
export function openRuns(options: OpenRunsOptions): SavedRuns {
  const store = storeOf(options);
  return {
    location: store.location,
    async experiments() {
      const folders = (await store.children('')).filter(
        ({ name, kind }) => kind === 'folder' && checkName('experiment', name) === undefined,
      );
      const kept = await Promise.all(
        folders.map(async ({ name }) => (await listVersions(store, name)).length > 0),
      );
      return folders.filter((_, index) => kept[index]).map(({ name }) => savedExperiment(store, name));
    },
    experiment(name) {
      assertName('experiment', name);
      return savedExperiment(store, name);
    },
    verify: (verifyOptions) => verifyRuns(store, verifyOptions),
  };
}

function storeOf({
  rootDir,
  store,
}: {
  readonly rootDir?: string;
  readonly store?: ReadableStore;
}): ReadableStore {
  if (store !== undefined && rootDir === undefined) return store;
  if (typeof rootDir === 'string' && rootDir !== '' && store === undefined)
    return readFolder(resolve(rootDir));
  const found = store !== undefined && rootDir !== undefined ? 'both' : 'neither';
  throw new StorageError(
    `openRuns reads from a rootDir or from a store, and was given ${found}. Give one of them.`,
  );
}
