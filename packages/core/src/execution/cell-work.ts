import { replicateSeed } from '../context/seed.ts';
import { isPromise } from '../plugin/is-promise.ts';
import type { ArtifactSink, CellWork } from '../plugin/plugin.ts';
import type { CellSpec, RunDescription } from '../plugin/records.ts';
import type { CellStore } from '../result/cell-store.ts';
import type { ActiveRun } from './active-run.ts';
import { Breather } from './breather.ts';
import type { AttemptOutcome } from './cell-attempt.ts';
import type { CellRunner } from './cell-runner.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { OpenedRun } from './run-cells.ts';

/** One promise for all cells that are done at once: a new one each would cost as much as a small cell. */
const DONE: Promise<void> = Promise.resolve();

/** @internal What the executor is given to do. */
export function cellWork(
  opened: OpenedRun,
  artifacts: ArtifactSink,
  runner: CellRunner,
  queue: CommitQueue,
  cells: CellStore,
  count: number,
): CellWork {
  const breather = new Breather();
  let description: Promise<RunDescription> | undefined;
  const finish = async (pending: PromiseLike<AttemptOutcome>): Promise<void> => {
    const record = await pending;
    if (!record) return;
    const held = queue.add(record);
    if (held) await held;
    const pause = breather.pauseAfter(record.duration);
    if (pause) await pause;
  };
  return {
    cells: cellsOf(opened.run, cells),
    count,
    artifacts,
    describe() {
      description ??= import('./describe-run.ts').then(({ describeRun }) => describeRun(opened));
      return description;
    },
    run(spec) {
      const unasked = notAskedFor(opened.run, spec, 'run');
      if (unasked) return Promise.reject(unasked);
      const record = runner.run(spec, opened.extras);
      if (isPromise(record)) return finish(record);
      if (!record) return DONE;
      const held = queue.add(record);
      const pause = breather.pauseAfter(record.duration);
      return held || pause ? both(held, pause) : DONE;
    },
    async runBy(spec, attempt) {
      const unasked = notAskedFor(opened.run, spec, 'run');
      if (unasked) throw unasked;
      const record = await runner.persist(attempt);
      if (record) await queue.add(record);
    },
    async report(record) {
      const unasked = notAskedFor(opened.run, record, 'report');
      if (unasked) throw unasked;
      await queue.add(record);
    },
    committed: ({ condition, replicate }) => cells.has(condition, replicate),
  };
}

async function both(held: void | Promise<unknown>, pause: Promise<void> | undefined): Promise<void> {
  await held;
  await pause;
}

/** What is wrong with a cell that is none of this run; it reaches the user as the cause of a PluginError. */
function notAskedFor(
  { conditions, replicates }: ActiveRun,
  { condition, replicate }: CellSpec,
  what: 'run' | 'report',
): RangeError | undefined {
  const isReplicate = Number.isInteger(replicate) && replicate >= 0 && replicate < replicates;
  if (isReplicate && conditions.includes(condition)) return undefined;
  const did = what === 'report' ? 'it reported' : 'it asked to run';
  return new RangeError(
    `${did} replicate ${replicate} of '${condition}', which is no cell of this run (${replicates} replicates of ${conditions.join(', ')})`,
  );
}

/** Those that are missing, replicate by replicate, so that what an interrupted run has finished is paired. */
function* cellsOf(run: ActiveRun, cells: CellStore): Iterable<CellSpec> {
  for (let replicate = 0; replicate < run.replicates; replicate++) {
    const seed = replicateSeed(run.seed, replicate);
    for (const condition of run.conditions) {
      if (run.stopping.aborted) return;
      if (cells.has(condition, replicate)) continue;
      yield { replicate, condition, seed };
    }
  }
}
