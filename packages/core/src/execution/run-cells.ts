import { memorySink } from '../artifact/memory-sink.ts';
import type { HypothesisResult } from '../definition/hypothesis.ts';
import { PluginError } from '../errors/run-errors.ts';
import { asError } from '../plugin/error-record.ts';
import type { ArtifactSink, Plugin } from '../plugin/plugin.ts';
import { callOrStop } from '../plugin/plugin-hooks.ts';
import { CellStore } from '../result/cell-store.ts';
import { openArtifacts } from '../result/open-artifacts.ts';
import type { Result } from '../result/result.ts';
import { RunProvenance } from '../result/run-provenance.ts';
import { RunResult } from '../result/run-result.ts';
import { CellRunner } from './cell-runner.ts';
import { cellWork } from './cell-work.ts';
import { CommitQueue } from './commit-queue.ts';
import { EndedCells } from './ended-cells.ts';
import { evaluateHypotheses } from './evaluate-hypotheses.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { RunExtras } from './run-experiment.ts';
import type { OpenedPlugins } from './run-lifecycle.ts';
import { untilStopped } from './stop.ts';
import { UnreadKeys } from './unread-keys.ts';

/** @internal A run that has been opened. */
export interface OpenedRun extends PreparedRun, OpenedPlugins {
  readonly extras: RunExtras;
}

/**
 * @internal Has the executor run every cell that is missing, and gathers what came of all.
 *
 * @param onStart - Told, before the first cell, how to make a result of what has ended until then.
 */
export async function runCells(
  opened: OpenedRun,
  onStart: (partial: (error: unknown) => Result) => void,
): Promise<Result> {
  const { plan, run, hooks, resume, extras } = opened;
  const sink = await sinkOf(opened);
  const cells = resume?.cells ?? new CellStore(run.seed, run.conditions);
  const count = run.replicates * run.conditions.length;
  const restored = resume?.resumed.restored ?? 0;
  const runner = new CellRunner({ ...opened, sink, prepared: opened.prepared.data, ...retrying(opened) });
  const ended = new EndedCells(run, runner, plan.failFast, extras.onCell, resume?.unread ?? new UnreadKeys());
  const queue = new CommitQueue(run, hooks, cells, { total: count, restored }, ended);
  const finish = (status: Result['status'], hypotheses: readonly HypothesisResult[]) =>
    resultOf(opened, sink, {
      status,
      cells,
      hypotheses,
      errors: ended.errors(),
      executed: queue.ended,
      restored,
    });
  onStart((error) => finish('failed', []).with(asError(error)));
  announce(opened, count, restored);
  await queue.commitRestored(opened.uncommitted);
  await execute(opened, sink, runner, queue, cells, count - restored);
  ended.warnOfUnreadKeys();
  const hypotheses = await evaluateHypotheses(plan.hypotheses, cells, run.replicates);
  for (const { name, error } of hypotheses) {
    if (error) run.warn(`The hypothesis '${name}' was not evaluated for all treatments: ${error.message}`);
  }
  return finish(ended.failed ? 'failed' : 'done', hypotheses);
}

async function execute(
  opened: OpenedRun,
  sink: ArtifactSink,
  runner: CellRunner,
  queue: CommitQueue,
  cells: CellStore,
  missing: number,
): Promise<void> {
  const { run, hooks } = opened;
  const executor = hooks.last('execute') as Plugin;
  try {
    const work = cellWork(opened, sink, runner, queue, cells, missing);
    // An executor that need not run anything need not open anything either.
    if (missing > 0) {
      await untilStopped(
        run,
        callOrStop(executor, 'execute', () => executor.execute?.(run, work)),
      );
    }
  } finally {
    await queue.close();
    await runner.close();
  }
  if (run.failure) throw run.failure;
  if (run.stopping.aborted) throw run.stopping.reason;
  if (queue.ended < missing) throw leftOut(executor, queue.ended, missing);
}

function announce({ run, experiment }: OpenedRun, cells: number, restored: number): void {
  const { version, dir, seed, replicates, conditions } = run;
  const place = { ...(version === undefined ? {} : { version }), ...(dir === undefined ? {} : { dir }) };
  const counts = { replicates, conditions, cells, restored };
  run.emit({ type: 'run:start', experiment: experiment.info, ...counts, seed, ...place });
}

function retrying({ plan: { timeout, retries } }: OpenedRun) {
  return { timeout, retries };
}

type Outcome = Pick<Result, 'status' | 'hypotheses' | 'errors' | 'executed' | 'restored'> & {
  readonly cells: CellStore;
};

function resultOf({ experiment, run, resume }: OpenedRun, sink: ArtifactSink, outcome: Outcome): RunResult {
  const { seed, replicates, version, dir } = run;
  return new RunResult({
    ...outcome,
    experiment: experiment.info,
    warnings: () => run.warnings,
    accepted: resume?.accepted ?? [],
    provenance: new RunProvenance(run, outcome.cells),
    seed,
    replicates,
    version,
    dir,
    openArtifacts: () => openArtifacts(outcome.cells, run, sink, experiment.outputs),
  });
}

async function sinkOf({ run, hooks, experiment }: OpenedRun): Promise<ArtifactSink> {
  const storing = hooks.last('artifacts');
  const sink = storing && (await callOrStop(storing, 'artifacts', () => storing.artifacts?.(run)));
  return sink ?? memorySink(experiment.info.directory);
}

function leftOut(executor: Plugin, ended: number, count: number): PluginError {
  return new PluginError(
    executor.name,
    'execute',
    new Error(`it ended when ${ended} of ${count} cells had run`),
  );
}
