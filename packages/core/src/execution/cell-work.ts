import { replicateSeed } from '../context/seed.ts';
import type { CellWork } from '../plugin/plugin.ts';
import type { CellSpec, RunDescription } from '../plugin/records.ts';
import type { ActiveRun } from './active-run.ts';
import { Breather } from './breather.ts';
import type { CellRunner } from './cell-runner.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { OpenedRun } from './run-cells.ts';

/** @internal What the executor is given to do. */
export function cellWork(opened: OpenedRun, runner: CellRunner, queue: CommitQueue, count: number): CellWork {
  const breather = new Breather();
  return {
    cells: cellsOf(opened.run),
    count,
    description: describeRun(opened),
    async run(spec) {
      const record = await runner.run(spec, opened.extras);
      // Awaiting what need not be awaited would cost as much as running a small cell.
      const held = record && queue.add(record);
      if (held) await held;
      const pause = breather.pause();
      if (pause) await pause;
    },
    async report(record) {
      assertAskedFor(opened.run, record);
      await queue.add(record);
    },
  };
}

function assertAskedFor({ conditions, replicates }: ActiveRun, { condition, replicate }: CellSpec): void {
  if (
    conditions.includes(condition) &&
    Number.isInteger(replicate) &&
    replicate >= 0 &&
    replicate < replicates
  )
    return;
  throw new RangeError(
    `it reported replicate ${replicate} of '${condition}', which is no cell of this run (${replicates} replicates of ${conditions.join(', ')})`,
  );
}

/** Replicate by replicate, so that what an interrupted run has finished is paired. */
function* cellsOf(run: ActiveRun): Iterable<CellSpec> {
  for (let replicate = 0; replicate < run.replicates; replicate++) {
    const seed = replicateSeed(run.seed, replicate);
    for (const condition of run.conditions) {
      if (run.stopping.aborted) return;
      yield { replicate, condition, seed };
    }
  }
}

function describeRun({ run, plan, conditions, prepared, shared }: OpenedRun): RunDescription {
  const { id, experiment, seed, replicates, inputs } = run;
  const data = [...conditions].map(([name, condition]) => [name, prepared.data.get(condition.datasource)]);
  return {
    id,
    experiment,
    seed,
    replicates,
    conditions: run.conditions,
    inputs,
    prepared: Object.fromEntries(data),
    shared,
    ...(plan.timeout === undefined ? {} : { timeout: plan.timeout }),
  };
}
