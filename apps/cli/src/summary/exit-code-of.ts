import type { Result } from '@crystallize/core';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** Codes of errors that tell of a wrong definition or wrong options: nothing has run. */
const DEFINITION: ReadonlySet<string> = new Set([
  'EXPERIMENT_INVALID',
  'GRAPH_INVALID',
  'NAME_UNSAFE',
  'REPLICATE_MISMATCH',
  'RESUME_UNSUPPORTED',
  'RESUME_MISMATCH',
  'EXPERIMENT_NOT_REBUILT',
  'WORKER_MISMATCH',
  'QUEUE_OPTIONS_INVALID',
]);

/** How the command ends after runs that came to an end. */
export function exitCodeOf(results: readonly Result[]): ExitCode {
  if (results.every((result) => result.status === 'done')) return EXIT.done;
  const nothingRan = results.every((result) => result.executed === 0);
  // An experiment that was skipped has an error too, but the fault lies with another.
  const wrong = results.some(({ status, error }) => status === 'failed' && isDefinitionError(error));
  return nothingRan && wrong ? EXIT.usage : EXIT.failed;
}

/** Whether an error tells of a mistake in the definition, or in the options of a run. */
export function isDefinitionError(error: unknown): boolean {
  return codeOf(error) !== undefined && DEFINITION.has(codeOf(error) ?? '');
}

/** The code that every error of Crystallize has, whichever copy it comes from. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
