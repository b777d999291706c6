import type { StepCache } from '../../cache/step-cache.ts';
import { callOrWarn } from '../../plugin/plugin-hooks.ts';
import type { CellRunnerParts } from '../cell-runner.ts';
import type { StepResources } from '../step-resources.ts';
import type { StepCaching } from './step-caching.ts';

/**
 * @internal The caching of a run's steps, made when the first needs it; `undefined` when none can be
 * answered from a cache. In a debug run every step runs, so that there is something to look at.
 */
export function cachingOf(
  parts: CellRunnerParts,
  resources: StepResources,
): (() => Promise<StepCaching>) | undefined {
  const { run, experiment } = parts;
  if (run.purpose === 'debug' || !experiment.steps.some((step) => step.cacheable)) return undefined;
  let made: Promise<StepCaching> | undefined;
  return () => (made ??= makeCaching(parts, resources));
}

async function makeCaching(parts: CellRunnerParts, resources: StepResources): Promise<StepCaching> {
  const { run, experiment, hooks, timeout } = parts;
  // Loaded when it is first needed: most experiments never are, and every start would pay for it.
  const [{ StepCaching: Caching }, { memoryCacheOf }] = await Promise.all([
    import('./step-caching.ts'),
    import('../../cache/memory-step-cache.ts'),
  ]);
  let cache: StepCache | undefined;
  const plugin = hooks.last('cache');
  if (plugin) {
    await callOrWarn(run, plugin, 'cache', () => {
      cache = plugin.cache?.(run);
    });
  }
  // A cell that may take only so long must not lose its time by waiting for another.
  const patient = timeout === undefined;
  return new Caching(run, cache ?? memoryCacheOf(experiment), resources, experiment, patient);
}
