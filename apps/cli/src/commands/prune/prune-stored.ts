import { pruneRuns } from '@crystallize/artifacts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { columnsOf, debugAsked, type Environment, paintFor } from '../../process/terminal.ts';
import { pruneLines } from '../../summary/prune-lines.ts';
import { withStorageErrors } from '../storage-failure.ts';
import { placeOptions, type StoredPlaceOptions, storedPlace } from '../stored-place.ts';
import { openStoredRuns } from '../stored-runs.ts';

/** What `crystallize prune` was told. */
export interface PruneCommandOptions extends StoredPlaceOptions {
  readonly experiment?: string | undefined;
  readonly keep?: number | undefined;
  /** In MiB. */
  readonly big?: number | undefined;
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/**
 * Removes what old versions need not keep, or tells what that is, and prints it.
 * @throws CliError where nothing is stored of what was named, or it can't be read or removed.
 */
export async function pruneStored(
  options: PruneCommandOptions,
  env: Environment = process.env,
): Promise<ExitCode> {
  const { experiment, keep, big, dryRun } = options;
  const report = await withStorageErrors(async () => {
    const place = await storedPlace(options);
    await openStoredRuns({ place, experiment });
    return await pruneRuns({
      ...placeOptions(place),
      ...(experiment === undefined ? {} : { experiment }),
      ...(keep === undefined ? {} : { artifactRetention: keep }),
      ...(big === undefined ? {} : { bigFileThresholdMb: big }),
      ...(dryRun === undefined ? {} : { dryRun }),
    });
  });
  const { stdout } = process;
  const style = { width: columnsOf(stdout), paint: paintFor(stdout, env), cwd: process.cwd() };
  const verbose = options.verbose === true || debugAsked(env);
  const text = options.json
    ? JSON.stringify(report, undefined, 2)
    : pruneLines(report, { ...style, verbose }).join('\n');
  stdout.write(`${text}\n`);
  const { versions, troubles } = report;
  const failed = troubles.length > 0 || versions.some(({ trouble }) => trouble !== undefined);
  return failed ? EXIT.failed : EXIT.done;
}
