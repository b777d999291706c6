import type { LoadedExperiment } from '../loading/experiment-file.ts';
import type { RunProgress } from '../progress/run-progress.ts';

/**
 * The line that says how to go on with runs that were stopped. `undefined` where nothing that is done is
 * stored, or nothing could restore it.
 */
export function resumeLine(
  experiments: readonly LoadedExperiment[],
  runs: readonly RunProgress[],
  command: string | undefined,
): string | undefined {
  const stored = runs.some((run) => {
    const experiment = experiments.find(({ info }) => info.directory === run.name);
    return run.ended > run.failed && experiment !== undefined && canRestore(experiment);
  });
  return stored && command !== undefined ? `Resume it with: ${command}` : undefined;
}

/** Whether an experiment's stored runs can be resumed. */
export function canRestore({ plugins }: LoadedExperiment): boolean {
  return plugins.some((plugin) => plugin.restore !== undefined);
}
