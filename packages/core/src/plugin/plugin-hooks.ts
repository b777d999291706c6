import { CrystallizeError } from '../errors/crystallize-error.ts';
import { PluginError } from '../errors/run-errors.ts';
import { StorageError } from '../errors/storage-errors.ts';
import { isPromise } from './is-promise.ts';
import type { Plugin } from './plugin.ts';
import type { RunHandle } from './run-handle.ts';

type HookName = Exclude<keyof Plugin, 'name' | 'version'>;

/** @internal The plugins of a run by hook, looked up once, so that a hook nobody has costs nothing. */
export class PluginHooks {
  readonly all: readonly Plugin[];
  readonly beforeCell: readonly Plugin[];
  readonly beforeStep: readonly Plugin[];
  readonly afterStep: readonly Plugin[];
  readonly afterCell: readonly Plugin[];
  readonly commitCell: readonly Plugin[];
  readonly onEvent: readonly Plugin[];
  /** Whether any plugin has something to do before or after cells. */
  readonly aroundCells: boolean;
  /** Whether any plugin has something to do before or after steps. */
  readonly aroundSteps: boolean;

  constructor(plugins: readonly Plugin[]) {
    this.all = plugins;
    this.beforeCell = having(plugins, 'beforeCell');
    this.beforeStep = having(plugins, 'beforeStep');
    this.afterStep = having(plugins, 'afterStep').reverse();
    this.afterCell = having(plugins, 'afterCell').reverse();
    this.commitCell = having(plugins, 'commitCell');
    this.onEvent = having(plugins, 'onEvent');
    this.aroundCells = this.beforeCell.length > 0 || this.afterCell.length > 0;
    this.aroundSteps = this.beforeStep.length > 0 || this.afterStep.length > 0;
  }

  /** The last plugin that has the hook. */
  last(hook: HookName): Plugin | undefined {
    return having(this.all, hook).at(-1);
  }
}

/**
 * @internal Calls a hook whose failure stops the run. Errors of Crystallize's own say enough by
 * themselves; others are told whose they are.
 */
export async function callOrStop<T>(plugin: Plugin, hook: HookName, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof CrystallizeError ? error : new PluginError(plugin.name, hook, error);
  }
}

type WarningRun = RunHandle & { fail(error: Error): void };

/**
 * @internal Calls a hook whose failure becomes a warning, unless storage failed. A promise only where the
 * hook gives one: waiting for each would cost more than most cells.
 */
export function callOrWarn(
  run: WarningRun,
  plugin: Plugin,
  hook: HookName,
  call: () => unknown,
): void | Promise<void> {
  try {
    const called = call();
    if (isPromise(called)) return warnLater(run, plugin, hook, called);
  } catch (error) {
    warnOf(run, plugin, hook, error);
  }
}

/** @internal Calls the hook of each plugin, one after the other; a promise only where one has to be waited for. */
export function inTurn(
  plugins: readonly Plugin[],
  call: (plugin: Plugin) => void | Promise<void>,
): void | Promise<void> {
  for (const [index, plugin] of plugins.entries()) {
    const pending = call(plugin);
    if (pending) return pending.then(() => inTurn(plugins.slice(index + 1), call));
  }
}

async function warnLater(
  run: WarningRun,
  plugin: Plugin,
  hook: HookName,
  called: PromiseLike<unknown>,
): Promise<void> {
  try {
    await called;
  } catch (error) {
    warnOf(run, plugin, hook, error);
  }
}

function warnOf(run: WarningRun, plugin: Plugin, hook: HookName, error: unknown): void {
  if (error instanceof StorageError) run.fail(error);
  else run.warn(new PluginError(plugin.name, hook, error).message);
}

function having(plugins: readonly Plugin[], hook: HookName): Plugin[] {
  return plugins.filter((plugin) => plugin[hook] !== undefined);
}
