import type { DatasourceScope, UpstreamExperiment } from '../datasource/datasource.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { ArtifactNotFoundError } from '../errors/storage-errors.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { Result } from '../result/result.ts';
import { savedResult } from '../result/saved-result.ts';
import type { SavedExperiment } from '../storage/saved-run.ts';

/** The last result of each experiment whose artifacts are in the memory of this process. */
const remembered = new WeakMap<object, Result>();

/** @internal Keeps a result at hand for experiments that read from this one, unless a plugin stores it. */
export function rememberResult(experiment: { readonly plugins: readonly Plugin[] }, result: Result): void {
  if (!savingPlugin(experiment.plugins)) remembered.set(experiment, result);
}

/** @internal How the datasources of an experiment find the runs of another. */
export function savedRunsOf(consumer: ResolvedExperiment): DatasourceScope['saved'] {
  return (upstream) => findSaved(upstream, consumer.plugins);
}

function findSaved(upstream: UpstreamExperiment, consumerPlugins: readonly Plugin[]): SavedExperiment {
  if (typeof upstream === 'string') {
    const saved = savingPlugin(consumerPlugins)?.saved?.({
      id: upstream,
      directory: upstream,
      steps: [],
      outputs: [],
    });
    if (saved) return saved;
    throw new ArtifactNotFoundError(
      `The runs of '${upstream}' can't be looked up by name alone, since this experiment has no plugin that keeps runs. Say where they are: artifactDatasource('${upstream}', { rootDir: '…', … }).`,
    );
  }
  const saved = savingPlugin(upstream.plugins)?.saved?.(upstream.info);
  if (saved) return saved;
  const result = remembered.get(upstream);
  if (result) return savedResult(result);
  throw new ArtifactNotFoundError(
    `The experiment '${upstream.info.directory}' keeps no runs and has not run in this process, so there is nothing to read. Give it an ArtifactPlugin, or run it first.`,
  );
}

function savingPlugin(plugins: readonly Plugin[]): Plugin | undefined {
  return plugins.findLast((plugin) => plugin.saved !== undefined);
}
