import type { Plugin } from '../plugin/plugin.ts';
import type { RunPurpose } from '../plugin/run-handle.ts';

/**
 * @internal Whether a plugin has a part in cells that are run for this purpose. Those that store are left out
 * of everything but a run, so that a trial never overwrites one; a single cell, or one that is looked at
 * closely, runs in this process.
 */
export function takesPart(plugin: Plugin, purpose: RunPurpose): boolean {
  if (purpose === 'run' || purpose === 'explain') return true;
  return !(
    plugin?.artifacts ||
    plugin?.commitCell ||
    plugin?.restore ||
    (purpose !== 'optimize' && plugin?.execute)
  );
}
