import type { Plugin } from '@crystallize/core';
import { CliError } from '../cli-error.ts';
import type { OpenPlace } from './store-place.ts';

/** What the plugins of every experiment are to be changed by. */
export interface PluginChanges {
  /** Where runs are kept instead. */
  readonly place?: OpenPlace | undefined;
  /** For experiments that have none of the same name. */
  readonly plugins?: readonly Plugin[] | undefined;
  /** What runs the cells instead. */
  readonly executor?: Plugin | undefined;
}

/** A plugin that can keep its runs elsewhere, as the ArtifactPlugin of any copy of its package can. */
interface Relocatable extends Plugin {
  withStore(place: OpenPlace): Plugin;
}

const ARTIFACTS = '@crystallize/artifacts';

/**
 * The plugins that an experiment gets instead of its own. Entries that are no plugins stay, to be told by it.
 * @throws CliError for a plugin that keeps runs, and of which nothing can be kept elsewhere.
 */
export function adaptedPlugins(
  own: readonly Plugin[],
  { place, plugins = [], executor }: PluginChanges,
): readonly Plugin[] {
  const names = new Set(own.map((plugin) => plugin?.name));
  // Of several plugins that can do something only once, such as execute, the last one counts.
  const all = [...plugins.filter(({ name }) => !names.has(name)), ...own];
  const placed = place === undefined ? all : all.map((each) => placedIn(each, place));
  return executor === undefined
    ? placed
    : [...placed.filter((each) => each?.name !== executor.name), executor];
}

function placedIn(plugin: Plugin, place: OpenPlace): Plugin {
  if (isRelocatable(plugin)) return plugin.withStore(place);
  // Else its runs would be kept where nobody looks for them.
  if (plugin?.name === ARTIFACTS)
    throw new CliError(
      `the version of ${ARTIFACTS} that the experiment uses can't be told another store. Update it: npm install ${ARTIFACTS}@latest.`,
    );
  return plugin;
}

/** Whether a plugin can keep its runs elsewhere than it says itself. */
export function isRelocatable(plugin: Plugin): plugin is Relocatable {
  return (
    typeof plugin === 'object' &&
    plugin !== null &&
    'withStore' in plugin &&
    typeof plugin.withStore === 'function'
  );
}
