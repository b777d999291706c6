import { messageOf } from '../plugin/error-record.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ModuleCall } from '../plugin/records.ts';

/** What {@link configureRuns} adds to experiments. */
export interface RunsConfiguration {
  /**
   * Gets the plugins of an experiment's definition, frozen, when the experiment is constructed, and gives those that it
   * has instead. What it throws, or gives that is no list, is told by the experiment's `validate()`.
   */
  adapt(plugins: readonly Plugin[]): readonly Plugin[];
  /**
   * How a worker does the same: it imports the module and awaits the export, called with plain data, before
   * it imports the module of the experiment. Without it, experiments in workers stay as they are defined.
   */
  readonly setup?: ModuleCall;
}

// In one place for all copies of this package: a command line may use another copy than an experiment.
const key = Symbol.for('@crystallize/core configuration of runs');
const shared = globalThis as { [key]?: RunsConfiguration | undefined };

/**
 * Changes the plugins of every experiment that is constructed from now on in this process, such as their
 * store or their executor. Meant for command lines and test benches, which don't own the experiments;
 * experiments are better off with their `plugins`. Replaces what an earlier call has configured.
 *
 * @returns What puts back the configuration from before.
 *
 * @example
 * const undo = configureRuns({ adapt: (plugins) => [...plugins, AsyncExecution({ concurrency: 4 })] });
 * const { penguins } = await import('./penguins.experiment.ts');
 * undo();
 */
export function configureRuns(configuration: RunsConfiguration): () => void {
  const before = shared[key];
  shared[key] = configuration;
  return () => {
    shared[key] = before;
  };
}

/** @internal What a worker has to do before it imports the module of an experiment. */
export function configuredSetup(): ModuleCall | undefined {
  return shared[key]?.setup;
}

/** @internal The plugins of a definition, as configured. Never throws: problems are told later. */
export function configuredPlugins(plugins: readonly Plugin[], problems: string[]): readonly Plugin[] {
  const configuration = shared[key];
  if (!configuration) return plugins;
  try {
    const adapted: unknown = configuration.adapt(plugins);
    if (Array.isArray(adapted)) return Object.freeze([...adapted]);
    problems.push('the adapt function that was given to configureRuns gave no list of plugins.');
  } catch (error) {
    problems.push(`its plugins could not be adapted, as configureRuns was told to: ${messageOf(error)}`);
  }
  return plugins;
}
