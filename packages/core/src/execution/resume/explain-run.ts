import type { ResolvedExperiment } from '../../definition/resolved-experiment.ts';
import type { Plugin } from '../../plugin/plugin.ts';
import { type PreparedRun, prepareRun } from '../prepare-run.ts';
import type { RunExtras } from '../run-experiment.ts';
import { closePlugins, initPlugins, restoreRun } from '../run-lifecycle.ts';
import type { RunOptions } from '../run-options.ts';
import type { Explanation, PlannedCell } from './explanation.ts';
import { planResume, type ResumePlan } from './resume-plan.ts';

/** @internal Tells what a run with these options would do with each cell. Nothing is run or written. */
export async function explainRun(
  experiment: ResolvedExperiment,
  options: RunOptions,
  extras: Omit<RunExtras, 'purpose'>,
): Promise<Explanation> {
  const strategy = options.strategy ?? 'resume';
  // A listener would wait for an end that never comes.
  const { onEvent: _onEvent, ...quiet } = options;
  const prepared = await prepareRun(experiment, { ...quiet, strategy }, { ...extras, purpose: 'explain' });
  const { run, hooks } = prepared;
  const opened: Plugin[] = [];
  try {
    await initPlugins(run, hooks, opened);
    return await explain(prepared);
  } finally {
    await closePlugins(run, opened, { status: 'aborted', reason: 'It was only explained.' });
    await prepared.release();
  }
}

async function explain(prepared: PreparedRun): Promise<Explanation> {
  const { run, plan } = prepared;
  if (plan.strategy === 'rerun') return everyCell(prepared, `the strategy is 'rerun'`);
  const stored = await restoreRun(prepared, true);
  if (!stored) return everyCell(prepared, 'nothing is stored to go on with');
  const planned = new Map<string, PlannedCell>();
  const resume = await planResume(prepared, stored, await run.define(stored.definition), (cell) =>
    planned.set(cellKey(cell), cell),
  );
  if (resume.anotherRun !== undefined) return everyCell(prepared, resume.anotherRun);
  return explanationOf(
    prepared,
    resume,
    (cell) => planned.get(cellKey(cell)) ?? { ...cell, action: 'run', reason: 'never ran to its end' },
  );
}

function everyCell(prepared: PreparedRun, reason: string): Explanation {
  return explanationOf(prepared, undefined, (cell) => ({ ...cell, action: 'run', reason }));
}

type CellKey = Pick<PlannedCell, 'replicate' | 'condition'>;

function explanationOf(
  { run, plan, warnings }: PreparedRun,
  resume: ResumePlan | undefined,
  planned: (cell: CellKey) => PlannedCell,
): Explanation {
  const cells: PlannedCell[] = [];
  for (let replicate = 0; replicate < run.replicates; replicate++) {
    for (const condition of run.conditions) cells.push(planned({ replicate, condition }));
  }
  const restored = resume?.resumed.restored ?? 0;
  return {
    experiment: run.experiment,
    version: resume?.resumed.version,
    seed: resume?.seed ?? (plan.seedGiven ? plan.seed : undefined),
    replicates: run.replicates,
    conditions: run.conditions,
    cells,
    restored,
    missing: cells.length - restored,
    differences: resume?.differences ?? [],
    notes: [...warnings, ...run.warnings, ...(resume?.notes ?? [])],
    [Symbol.iterator]: () => cells.values(),
  };
}

function cellKey({ replicate, condition }: CellKey): string {
  return `${replicate}/${condition}`;
}
