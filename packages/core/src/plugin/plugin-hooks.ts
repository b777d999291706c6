import { CrystallizeError } from '../errors/crystallize-error.ts';
import { PluginError } from '../errors/run-errors.ts';
import { StorageError } from '../errors/storage-errors.ts';
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

/** @internal Calls a hook whose failure becomes a warning, unless storage failed. */
export async function callOrWarn(
  run: RunHandle & { fail(error: Error): void },
  plugin: Plugin,
  hook: HookName,
  call: () => unknown,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (error instanceof StorageError) {
      run.fail(error);
      return;
    }
    run.warn(new PluginError(plugin.name, hook, error).message);
  }
}

function having(plugins: readonly Plugin[], hook: HookName): Plugin[] {
  return plugins.filter((plugin) => plugin[hook] !== undefined);
}
