import { ResumeUnsupportedError } from '../errors/run-errors.ts';
import type { Plugin, RunOutcome } from '../plugin/plugin.ts';
import { callOrStop, callOrWarn, type PluginHooks } from '../plugin/plugin-hooks.ts';
import type { Result } from '../result/result.ts';
import type { ActiveRun } from './active-run.ts';

/**
 * @internal Calls what comes before the first cell. Returns what each plugin has for its half in
 * workers, and notes in `opened` which are to be closed, also when it throws.
 */
export async function openRun(
  run: ActiveRun,
  hooks: PluginHooks,
  opened: Plugin[],
): Promise<Readonly<Record<string, unknown>>> {
  for (const plugin of hooks.all) {
    opened.push(plugin);
    await callOrWarn(run, plugin, 'init', () => plugin.init?.(run));
  }
  if (run.failure) throw run.failure;
  if (run.strategy === 'resume') {
    throw new ResumeUnsupportedError(
      `strategy: 'resume' needs a plugin that can restore what is stored, and none of this experiment's plugins can. Run it with strategy: 'rerun'.`,
    );
  }
  const shared: Record<string, unknown> = {};
  for (const plugin of hooks.all) {
    const own = await callOrStop(plugin, 'beforeRun', () => plugin.beforeRun?.(run));
    if (own !== undefined) shared[plugin.name] = own;
    if (run.failure) throw run.failure;
  }
  return shared;
}

/** @internal Closes what was opened, last first, and yields the result or throws why there is none. */
export async function closeRun(
  run: ActiveRun,
  opened: readonly Plugin[],
  ended: PromiseSettledResult<Result>,
): Promise<Result> {
  run.close();
  const outcome = outcomeOf(ended);
  for (const plugin of [...opened].reverse()) {
    await callOrWarn(run, plugin, 'afterRun', () => plugin.afterRun?.(run, outcome));
  }
  const place = run.dir === undefined ? {} : { dir: run.dir };
  // Storage that fails at the very end fails the run: what it would report as done is not safe.
  const failed = ended.status === 'rejected' || run.failure !== undefined;
  run.emit({ type: 'run:end', status: failed ? 'aborted' : outcome.status, ...place });
  if (ended.status === 'rejected') throw ended.reason;
  if (run.failure) throw run.failure;
  return ended.value;
}

function outcomeOf(ended: PromiseSettledResult<Result>): RunOutcome {
  if (ended.status === 'rejected') return { status: 'aborted', reason: ended.reason };
  return { status: ended.value.status === 'done' ? 'done' : 'failed', result: ended.value };
}
