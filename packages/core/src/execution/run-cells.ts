import { memorySink } from '../artifact/memory-sink.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { PluginError } from '../errors/run-errors.ts';
import type { ArtifactSink, Plugin } from '../plugin/plugin.ts';
import { callOrStop, type PluginHooks } from '../plugin/plugin-hooks.ts';
import { CellStore } from '../result/cell-store.ts';
import { openArtifacts } from '../result/open-artifacts.ts';
import type { Result } from '../result/result.ts';
import { RunProvenance } from '../result/run-provenance.ts';
import { RunResult } from '../result/run-result.ts';
import type { ActiveRun } from './active-run.ts';
import { CellRunner } from './cell-runner.ts';
import { cellWork } from './cell-work.ts';
import { CommitQueue } from './commit-queue.ts';
import type { Condition } from './condition.ts';
import { EndedCells } from './ended-cells.ts';
import { evaluateHypotheses } from './evaluate-hypotheses.ts';
import type { PreparedSources } from './prepare-sources.ts';
import type { RunExtras } from './run-experiment.ts';
import type { RunPlan } from './run-plan.ts';
import { untilStopped } from './stop.ts';

/** @internal A run that has been opened. */
export interface OpenedRun {
  readonly experiment: ResolvedExperiment;
  readonly plan: RunPlan;
  readonly run: ActiveRun;
  readonly hooks: PluginHooks;
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly prepared: PreparedSources;
  /** What each plugin has for its half in workers. */
  readonly shared: Readonly<Record<string, unknown>>;
  readonly extras: RunExtras;
}

/** @internal Has the executor run every cell, and gathers what came of them. */
export async function runCells(opened: OpenedRun): Promise<Result> {
  const { experiment, plan, run, hooks, conditions, prepared, extras } = opened;
  const sink = await sinkOf(opened);
  const cells = new CellStore(run.seed, run.conditions);
  const count = run.replicates * run.conditions.length;
  const { timeout, retries } = plan;
  const runner = new CellRunner({
    run,
    experiment,
    conditions,
    hooks,
    sink,
    prepared: prepared.data,
    timeout,
    retries,
  });
  const ended = new EndedCells(run, runner, plan.failFast, extras.onCell);
  const queue = new CommitQueue(run, hooks, cells, count, ended);
  const { version, dir, seed, replicates } = run;
  const place = { ...(version === undefined ? {} : { version }), ...(dir === undefined ? {} : { dir }) };
  const counts = { replicates, conditions: run.conditions, cells: count, restored: 0 };
  run.emit({ type: 'run:start', experiment: experiment.info, ...counts, seed, ...place });
  const executor = hooks.last('execute') as Plugin;
  try {
    const work = cellWork(opened, runner, queue, count);
    await untilStopped(
      run,
      callOrStop(executor, 'execute', () => executor.execute?.(run, work)),
    );
  } finally {
    await queue.close();
    await runner.close();
  }
  if (run.failure) throw run.failure;
  if (run.stopping.aborted) throw run.stopping.reason;
  if (queue.ended < count) throw leftOut(executor, queue.ended, count);
  const errors = ended.errors();
  ended.warnOfUnreadKeys();
  const hypotheses = await evaluateHypotheses(plan.hypotheses, cells, replicates);
  for (const { name, error } of hypotheses) {
    if (error) run.warn(`The hypothesis '${name}' was not evaluated for all treatments: ${error.message}`);
  }
  return new RunResult({
    status: errors.length > 0 ? 'failed' : 'done',
    experiment: experiment.info,
    cells,
    hypotheses,
    errors,
    warnings: () => run.warnings,
    provenance: new RunProvenance(run, cells),
    seed,
    replicates,
    version,
    dir,
    executed: queue.ended,
    restored: 0,
    openArtifacts: () => openArtifacts(cells, run, sink, experiment.outputs),
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
