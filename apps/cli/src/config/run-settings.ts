import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configureRuns, type ModuleCall, type Plugin } from '@crystallize/core';
import { CliError } from '../cli-error.ts';
import { fileIn } from '../loading/user-package.ts';
import { plainLine } from '../text/plain-text.ts';
import { adaptedPlugins } from './adapted-plugins.ts';
import { type LoadedConfig, shownPath } from './load-config.ts';
import type { WorkerSettings } from './set-up-worker.ts';
import { absolutePlace, isStore, type OpenPlace, openPlace } from './store-place.ts';

/** What the experiments of a command are to be changed by. */
export interface RunSettings {
  readonly config: LoadedConfig | undefined;
  /** What `--store` named: it wins over the config. Relative to the current folder. */
  readonly store?: string | undefined;
  /** What runs the cells, instead of the experiment's own executor; only in this process. */
  readonly executor?: Plugin | undefined;
  /** Whether workers are set up even where nothing is to be changed: those of this machine. */
  readonly setUpWorkers?: boolean | undefined;
}

/**
 * Sees that every experiment that is loaded from now on, here and in workers, has the store and the plugins of the
 * settings. Call it before the experiment's module is imported.
 *
 * @throws CliError when the store can't be opened.
 */
export async function applySettings(settings: RunSettings): Promise<void> {
  const { config, executor, setUpWorkers = false } = settings;
  const place = await placeOf(settings);
  const plugins = config?.plugins ?? [];
  const changed = place !== undefined || plugins.length > 0;
  if (!changed && executor === undefined) return;
  configureRuns({
    adapt: (own) => adaptedPlugins(own, { place, plugins, executor }),
    // On other machines this command need not be installed, so that it is asked for only where it must.
    ...(changed || setUpWorkers ? { setup: setupOf(settings) } : {}),
  });
}

/**
 * Where runs are kept according to `--store`, else to the config; `undefined` where neither says.
 * @throws CliError when it can't be opened.
 */
export async function placeOf({ config, store }: RunSettings): Promise<OpenPlace | undefined> {
  if (store !== undefined) {
    const folder = process.cwd();
    return await openPlace(store, { folder, file: config?.path ?? fileIn(folder) });
  }
  if (config?.store === undefined) return undefined;
  const given = typeof config.store === 'function' ? await called(config.store, config.path) : config.store;
  if (typeof given !== 'string') return given;
  return await openPlace(given, { folder: dirname(config.path), file: config.path });
}

async function called(make: () => unknown, path: string): Promise<OpenPlace> {
  let given: unknown;
  try {
    given = await make();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`The function store of ${shownPath(path)} failed: ${plainLine(message)}`, { cause });
  }
  if (isStore(given) || (typeof given === 'string' && given !== '')) return given;
  throw new CliError(
    `The function store of ${shownPath(path)} gave nothing that runs can be kept in. It has to give a store, a URL or the path of a folder.`,
  );
}

/** How a worker does the same. By the name of this package, since a build puts modules into other files. */
function setupOf({ config, store }: RunSettings): ModuleCall {
  const settings: WorkerSettings = {
    ...(config === undefined ? {} : { config: pathToFileURL(config.path).href }),
    ...(store === undefined ? {} : { store: absolutePlace(store, process.cwd()) }),
  };
  return {
    url: import.meta.resolve('@crystallize/cli/worker-setup'),
    export: 'setUpWorker',
    args: [settings],
  };
}
