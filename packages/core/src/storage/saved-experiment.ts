import { listVersions, metadataKey } from './layout.ts';
import { assertName } from './names.ts';
import type { SavedExperiment } from './saved-run.ts';
import { savedVersion } from './saved-version.ts';
import type { ReadableStore } from './store.ts';

/**
 * The stored runs of one experiment: ours, and those of the Python original 0.27. Each version that is
 * handed out shows what was stored when it was first asked; take `versions()` again for what is newer.
 *
 * @param directory - The experiment's name, or its id when it has none.
 * @throws UnsafeNameError when the directory could leave the store.
 *
 * @example
 * const newest = (await savedExperiment(readFolder('artifacts'), 'penguins').versions()).at(-1);
 */
export function savedExperiment(store: ReadableStore, directory: string): SavedExperiment {
  assertName('experiment', directory);
  return {
    name: directory,
    location: store.localPath?.(directory) ?? `${directory} in ${store.location}`,
    async versions() {
      const numbers = await listVersions(store, directory);
      return Promise.all(
        numbers.map(async (version) => {
          const finished = (await store.size(metadataKey(directory, version))) !== undefined;
          return savedVersion(store, directory, version, finished);
        }),
      );
    },
  };
}
