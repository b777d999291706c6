import {
  ArtifactNotFoundError,
  CrystallizeError,
  InvalidArgumentError,
  StorageError,
} from '@crystallize/core';
import {
  type ArtifactStore,
  assertName,
  checkName,
  listVersions,
  metadataKey,
  privateFolder,
} from '@crystallize/core/storage';
import type { PruneTrouble } from './prune-report.ts';

/** The experiments of a place that retention may be applied to. */
export interface PrunedExperiments {
  readonly experiments: readonly string[];
  /** Folders that may be one, and can't be read. */
  readonly troubles: readonly PruneTrouble[];
  /** Why there are none, where that is as it should be. */
  readonly notes: readonly string[];
}

/**
 * Finds the experiments with runs of ours, or the one that is wanted.
 * @throws InvalidArgumentError when the place does not look like one in which runs are kept.
 * @throws StorageError when the same holds only as far as its folders can be read.
 * @throws ArtifactNotFoundError when there is no run of the experiment that is wanted.
 */
export async function experimentsIn(
  store: ArtifactStore,
  wanted: string | undefined,
): Promise<PrunedExperiments> {
  if (wanted !== undefined) assertName('experiment', wanted);
  const folders = (await store.children(''))
    .filter(({ name, kind }) => kind === 'folder' && checkName('experiment', name) === undefined)
    .map(({ name }) => name);
  const troubles: PruneTrouble[] = [];
  const having = async (isThere: (name: string) => Promise<boolean>): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const experiment of folders) {
      if (troubles.some((trouble) => trouble.experiment === experiment)) continue;
      try {
        if (await isThere(experiment)) found.push(experiment);
      } catch (error) {
        if (!(error instanceof CrystallizeError)) throw error;
        troubles.push({ experiment, message: error.message });
      }
    }
    return found;
  };
  const ours = await having(async (name) => (await store.children(privateFolder(name))).length > 0);
  const others = ours.length > 0 ? [] : await having((name) => hasMetadata(store, name));
  if (ours.length === 0 && others.length === 0) refuse(store, troubles);
  if (wanted !== undefined) {
    const own = troubles.filter(({ experiment }) => experiment === wanted);
    if (own.length > 0) return { experiments: [], troubles: own, notes: [] };
    if ((await listVersions(store, wanted)).length === 0) {
      const names = [...ours, ...others].map((name) => `'${name}'`).join(', ');
      throw new ArtifactNotFoundError(
        `There is no run of the experiment '${wanted}' in ${store.location}. There are runs of ${names}.`,
      );
    }
  }
  if (ours.length === 0) return { experiments: [], troubles, notes: [onlyPython] };
  return { experiments: wanted === undefined ? ours : [wanted], troubles: wanted ? [] : troubles, notes: [] };
}

const onlyPython =
  'There are only runs of Crystallize for Python 0.27 here. They have no records, so that nothing would be known of what was removed: nothing of them is ever pruned.';

/** As each run of the Python original has that has ended. */
async function hasMetadata(store: ArtifactStore, name: string): Promise<boolean> {
  for (const version of await listVersions(store, name)) {
    if ((await store.size(metadataKey(name, version))) !== undefined) return true;
  }
  return false;
}

function refuse({ location }: ArtifactStore, troubles: readonly PruneTrouble[]): never {
  const found = `${location} is no place in which Crystallize keeps runs: no folder in it has a folder .crystallize`;
  const advice = 'Nothing was removed. Give the rootDir that the ArtifactPlugin has.';
  if (troubles.length === 0) throw new InvalidArgumentError(`${found}. ${advice}`);
  const reasons = troubles.map(({ message }) => message).join(' ');
  throw new StorageError(`${found} that can be read. ${reasons} ${advice}`);
}
