import type { DatasourceScope } from '../datasource/datasource.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { RunPurpose } from '../plugin/run-handle.ts';
import { keepPartialResult } from '../result/partial-result.ts';
import type { Result } from '../result/result.ts';
import type { CellSpecials } from './cell-runner.ts';
import type { CommitListener } from './commit-queue.ts';
import { prepareRun } from './prepare-run.ts';
import type { GraphSurroundings } from './resume/graph-surroundings.ts';
import { runCells } from './run-cells.ts';
import { closeRun, openRun } from './run-lifecycle.ts';
import type { RunOptions } from './run-options.ts';
import { stopWith } from './stop.ts';

/** @internal What a run is beside its options. */
export interface RunExtras extends CellSpecials {
  readonly purpose: RunPurpose;
  /** Treatments of upstream experiments. */
  readonly inherited?: readonly Treatment[];
  /** How a datasource finds the runs of another experiment. */
  readonly saved: DatasourceScope['saved'];
  /** Told of each committed record. */
  readonly onCell?: CommitListener['committed'];
  /** Runs this condition alone, also without the baseline. */
  readonly only?: string;
  /** What a resume needs to know of the rest of a graph. */
  readonly graph?: GraphSurroundings;
  /** Told of what a run had finished that then rejects. */
  readonly onPartial?: (result: Result) => void;
}

/**
 * @internal Runs every cell of an experiment and gathers what came of it: plans, asks the datasources,
 * opens the plugins, runs the cells, and closes the plugins whatever happened.
 */
export async function runExperiment(
  experiment: ResolvedExperiment,
  options: RunOptions,
  extras: RunExtras,
): Promise<Result> {
  options.signal?.throwIfAborted();
  const prepared = await prepareRun(experiment, options, extras);
  const { run } = prepared;
  const unlink = stopWith(run, options.signal);
  const opened: Plugin[] = [];
  let partial: ((error: unknown) => Result) | undefined;
  const [ended] = await Promise.allSettled([
    openRun(prepared, opened).then((plugins) =>
      runCells({ ...prepared, ...plugins, extras }, (finished) => {
        partial = finished;
      }),
    ),
  ]);
  unlink();
  try {
    return await closeRun(run, opened, ended);
  } catch (error) {
    if (partial) {
      const finished = partial(error);
      keepPartialResult(error, finished);
      extras.onPartial?.(finished);
    }
    throw error;
  } finally {
    await prepared.release();
  }
}
