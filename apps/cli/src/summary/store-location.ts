import type { LoadedExperiment } from '../loading/experiment-file.ts';

/** Where the store of an experiment's ArtifactPlugin is, as the store says it; `undefined` where there is none. */
export function storeLocation(experiment: LoadedExperiment | undefined): string | undefined {
  for (const plugin of experiment?.plugins ?? []) {
    if (!('store' in plugin) || typeof plugin.store !== 'object' || plugin.store === null) continue;
    const { store } = plugin;
    if ('location' in store && typeof store.location === 'string') return store.location;
  }
  return undefined;
}
