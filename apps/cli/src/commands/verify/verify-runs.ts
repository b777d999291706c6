import type { Verification } from '@crystallize/artifacts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { Interruption } from '../../process/interruption.ts';
import { columnsOf, type Environment, paintFor } from '../../process/terminal.ts';
import { openCounter } from '../../progress/counter.ts';
import { verificationLines } from '../../summary/verification-lines.ts';
import { byteSize } from '../../text/byte-size.ts';
import { count } from '../../text/count.ts';
import { withStorageErrors } from '../storage-failure.ts';
import { type StoredPlaceOptions, storedPlace } from '../stored-place.ts';
import { openStoredRuns } from '../stored-runs.ts';

/** What `crystallize verify` was told. */
export interface VerifyCommandOptions extends StoredPlaceOptions {
  readonly experiment?: string | undefined;
  readonly run?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Checks what is stored, byte for byte, and prints what is wrong with it. Changes nothing.
 * @throws CliError where nothing is stored of what was named, or it can't be read.
 */
export async function verifyRuns(
  options: VerifyCommandOptions,
  env: Environment = process.env,
): Promise<ExitCode> {
  // So that the cursor comes back before the process ends.
  using _interruption = new Interruption();
  const startedAt = performance.now();
  const { experiment, run: version } = options;
  const found = await withStorageErrors(async (): Promise<Verification> => {
    const runs = await openStoredRuns({ place: await storedPlace(options), experiment, version });
    using counter = openCounter(env);
    return await runs.verify({
      ...(experiment === undefined ? {} : { experiment }),
      ...(version === undefined ? {} : { version }),
      onProgress: ({ artifacts, bytes }) =>
        counter.show(`verifying: ${count(artifacts, 'artifact')}, ${byteSize(bytes)}`),
    });
  });
  const { stdout } = process;
  const style = { width: columnsOf(stdout), paint: paintFor(stdout, env), cwd: process.cwd() };
  const text = options.json
    ? JSON.stringify(found, undefined, 2)
    : verificationLines(found, performance.now() - startedAt, style).join('\n');
  stdout.write(`${text}\n`);
  return found.faults.length > 0 ? EXIT.failed : EXIT.done;
}
