import { inspect } from 'node:util';
import type { Accepted } from '@crystallize/core';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-code.ts';
import type { LoadedExperiment } from '../loading/experiment-file.ts';
import { InterruptedError } from '../process/interruption.ts';
import { columnsOf } from '../process/terminal.ts';
import type { RunProgress } from '../progress/run-progress.ts';
import { differenceLines, unacceptedKinds } from '../summary/difference-lines.ts';
import { causeLines, originalMessage } from '../summary/error-groups.ts';
import { codeOf, isDefinitionError } from '../summary/exit-code-of.ts';
import { type Refusal, refusalOf } from '../summary/refusal.ts';
import { stoppedLines } from '../summary/stopped-lines.ts';
import { plainText } from '../text/plain-text.ts';
import { UserFrames } from '../text/user-frames.ts';

/** What is known of a run that rejected, beside its error. */
export interface StoppedRun {
  readonly runs: readonly RunProgress[];
  /** What has run. */
  readonly experiments?: readonly LoadedExperiment[];
  /** Of the experiment's file, absolute. */
  readonly path: string;
  /** The line that says how to go on, where one can. */
  readonly resume?: string | undefined;
  /** The command that resumes and accepts this, where it can be told. */
  readonly accepting?: (kinds: readonly Accepted[]) => string | undefined;
}

/** What a run that rejected is told as, and how the command ends then. */
export function stoppedError(
  error: unknown,
  { runs, experiments, path, resume, accepting }: StoppedRun,
): CliError {
  const there = [
    ...stoppedLines(runs, performance.now(), experiments),
    ...(resume === undefined ? [] : [resume]),
  ];
  if (error instanceof InterruptedError) {
    return new CliError(`${error.message}.`, { exitCode: error.exitCode, details: there });
  }
  const refusal = refusalOf(error);
  if (refusal) return refusedError(refusal, error, accepting);
  // A worker can find out about it later, when a file was changed while the run was going on.
  const ran = runs.some((run) => run.ended > run.restored);
  if (isDefinitionError(error) && !ran)
    return new CliError(plainText((error as Error).message), { cause: error });
  const started = runs.some((run) => run.startedAt !== undefined);
  const code = codeOf(error);
  const lead = started ? 'the run was stopped: ' : '';
  const frames = new UserFrames(path);
  // A failed cell is told in its own words, with the place in the step that threw.
  const shown = code === 'CELL_FAILED' && error instanceof Error ? error.cause : error;
  const message = error instanceof Error && code !== undefined ? error.message : originalMessage(error);
  const details = [...causeLines(shown, frames), ...there];
  return new CliError(`${lead}${plainText(message)}`, { exitCode: EXIT.failed, details, cause: error });
}

function refusedError(
  { lead, differences }: Refusal,
  cause: unknown,
  accepting: StoppedRun['accepting'],
): CliError {
  const command = accepting?.(unacceptedKinds(differences));
  const details = [
    ...differenceLines(differences, columnsOf(process.stderr) - 2),
    'Undo the change, or run without --resume: a new run begins then.',
    ...(command === undefined ? [] : [`To resume all the same: ${command}`]),
  ];
  return new CliError(lead, { details, cause });
}

/** What is told of an error that the user's code threw where nobody can catch it. */
export function crashLines(error: unknown, file: string, verbose: boolean): readonly string[] {
  const lead = `crystallize: the experiment's code threw an error that nothing caught, which ends the process: `;
  if (verbose) return [lead + plainText(inspect(error))];
  return [
    lead + plainText(originalMessage(error)),
    ...causeLines(error, new UserFrames(file)).map((line) => `  ${line}`),
  ];
}
