import { ResumeUnsupportedError } from '../errors/run-errors.ts';
import type { Plugin, RunOutcome, StoredCellRecord, StoredRun } from '../plugin/plugin.ts';
import { callOrStop, callOrWarn, type PluginHooks } from '../plugin/plugin-hooks.ts';
import type { CellRecord } from '../plugin/records.ts';
import type { Result } from '../result/result.ts';
import type { ActiveRun } from './active-run.ts';
import type { PreparedRun } from './prepare-run.ts';
import { assertStoredRun } from './resume/assert-stored-run.ts';
import { planResume, type ResumePlan, refuseDifferences } from './resume/resume-plan.ts';
import { withUnreported } from './resume/unreported-cells.ts';

/** @internal A run whose plugins are ready for its cells. */
export interface OpenedPlugins {
  /** What each plugin has for its half in workers. */
  readonly shared: Readonly<Record<string, unknown>>;
  /** `undefined` unless a stored run goes on. */
  readonly resume: ResumePlan | undefined;
  /** Restored cells whose records no plugin has stored yet. */
  readonly uncommitted: readonly CellRecord[];
}

/**
 * @internal Calls what comes before the first cell, and notes in `opened` which plugins are to be
 * closed, also when it throws.
 * @throws ResumeUnsupportedError @throws ResumeMismatchError
 */
export async function openRun(prepared: PreparedRun, opened: Plugin[]): Promise<OpenedPlugins> {
  const { run, hooks, warnings } = prepared;
  await initPlugins(run, hooks, opened);
  const stored = run.strategy === 'resume' ? await restoreRun(prepared, false) : undefined;
  const told = stored ? await unreportedOf(prepared, stored) : [];
  const joined = stored && withUnreported(stored, told);
  const resume = joined && (await goOn(prepared, joined.stored));
  if (!resume) run.follow(undefined);
  const shared: Record<string, unknown> = {};
  for (const plugin of hooks.all) {
    const own = await callOrStop(plugin, 'beforeRun', () => plugin.beforeRun?.(run));
    if (own !== undefined) shared[plugin.name] = own;
    if (run.failure) throw run.failure;
  }
  for (const message of warnings) run.warn(message);
  return { shared, resume, uncommitted: resume ? joined.taken().filter(resume.resumed.has) : [] };
}

/** What the plugins know of cells that ended elsewhere; those that don't fit what is stored are none of it. */
async function unreportedOf(
  { run, hooks }: PreparedRun,
  stored: StoredRun,
): Promise<readonly StoredCellRecord[]> {
  run.follow(stored.run);
  const told: StoredCellRecord[] = [];
  for (const plugin of hooks.all) {
    await callOrWarn(run, plugin, 'unreported', async () => {
      told.push(...((await plugin.unreported?.(run)) ?? []));
    });
  }
  if (run.failure) throw run.failure;
  return told;
}

/** @internal @throws StorageError that an `init` threw. */
export async function initPlugins(run: ActiveRun, hooks: PluginHooks, opened: Plugin[]): Promise<void> {
  for (const plugin of hooks.all) {
    opened.push(plugin);
    await callOrWarn(run, plugin, 'init', () => plugin.init?.(run));
  }
  if (run.failure) throw run.failure;
}

/** @internal What is stored to go on with; `undefined` when nothing is. @throws ResumeUnsupportedError */
export async function restoreRun(
  { run, hooks, plan }: PreparedRun,
  readOnly: boolean,
): Promise<StoredRun | undefined> {
  const restorer = hooks.last('restore');
  if (!restorer) {
    throw new ResumeUnsupportedError(
      `strategy: 'resume' needs a plugin that can restore what is stored, and none of this experiment's plugins can. Give it an ArtifactPlugin, or run it with strategy: 'rerun'.`,
    );
  }
  const version = plan.version === undefined ? {} : { version: plan.version };
  const stored = await callOrStop(restorer, 'restore', () =>
    restorer.restore?.(run, { ...version, readOnly }),
  );
  assertStoredRun(restorer, stored);
  return stored;
}

/** @internal Closes what was opened, last first, and yields the result or throws why there is none. */
export async function closeRun(
  run: ActiveRun,
  opened: readonly Plugin[],
  ended: PromiseSettledResult<Result>,
): Promise<Result> {
  run.close();
  const outcome = outcomeOf(ended);
  await closePlugins(run, opened, outcome);
  const place = run.dir === undefined ? {} : { dir: run.dir };
  // Storage that fails at the very end fails the run: what it would report as done is not safe.
  const failed = ended.status === 'rejected' || run.failure !== undefined;
  run.emit({ type: 'run:end', status: failed ? 'aborted' : outcome.status, ...place });
  if (ended.status === 'rejected') throw ended.reason;
  if (run.failure) throw run.failure;
  return ended.value;
}

/** @internal */
export async function closePlugins(
  run: ActiveRun,
  opened: readonly Plugin[],
  outcome: RunOutcome,
): Promise<void> {
  for (const plugin of [...opened].reverse()) {
    await callOrWarn(run, plugin, 'afterRun', () => plugin.afterRun?.(run, outcome));
  }
}

/** `undefined` when a new run is to begin all the same. */
async function goOn(prepared: PreparedRun, stored: StoredRun): Promise<ResumePlan | undefined> {
  const { run } = prepared;
  const plan = await planResume(prepared, stored, await run.define(stored.definition));
  if (plan.anotherRun !== undefined) return undefined;
  refuseDifferences(plan, run.experiment.directory);
  run.resume(plan.resumed, plan.seed);
  for (const difference of plan.accepted) run.warn(`Accepted although it differs: ${difference}`);
  for (const note of plan.notes) run.warn(note);
  return plan;
}

function outcomeOf(ended: PromiseSettledResult<Result>): RunOutcome {
  if (ended.status === 'rejected') return { status: 'aborted', reason: ended.reason };
  return { status: ended.value.status === 'done' ? 'done' : 'failed', result: ended.value };
}
