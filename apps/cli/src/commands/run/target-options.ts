import { CliError } from '../../cli-error.ts';
import { checkTreatments, type RunTarget, type TargetOptions } from '../../loading/run-target.ts';
import { listed } from '../../text/count.ts';
import { plainLine } from '../../text/plain-text.ts';
import type { RunCommandOptions } from './run-options.ts';

/**
 * What the target is told, from what the command was told.
 * @throws CliError for an unknown treatment, and for a version where there are several experiments.
 */
export function targetOptions(target: RunTarget, options: RunCommandOptions): TargetOptions {
  const { replicates, seed, failFast, timeout, retries, treatment, fromVersion, accept } = options;
  const treatments = treatment && checkTreatments(target, treatment);
  if (fromVersion !== undefined && target.kind === 'graph') {
    const names = target.experiments.map(({ info }) => plainLine(info.directory));
    throw new CliError(
      `--from-version is a version of one experiment, and each experiment of a graph has its own. Choose one: --experiment NAME, of ${listed(names)}.`,
    );
  }
  return {
    ...(options.resume || options.explain ? { strategy: 'resume' } : {}),
    ...(fromVersion === undefined ? {} : { version: fromVersion }),
    ...(accept === undefined ? {} : { accept }),
    ...(treatments === undefined ? {} : { treatments }),
    ...(replicates === undefined ? {} : { replicates }),
    ...(seed === undefined ? {} : { seed }),
    ...(failFast === undefined ? {} : { failFast }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
  };
}
