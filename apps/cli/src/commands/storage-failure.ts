import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-code.ts';
import { codeOf, isDefinitionError } from '../summary/exit-code-of.ts';
import { plainText } from '../text/plain-text.ts';

/**
 * Does work on stored runs; an error of Crystallize's own, which says all in its sentence, is told so.
 * @throws CliError for such an error, and what else the work throws as it is.
 */
export async function withStorageErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error) || codeOf(error) === undefined) throw error;
    const mistaken = isDefinitionError(error) || codeOf(error) === 'ARGUMENT_INVALID';
    const exitCode = mistaken ? EXIT.usage : EXIT.failed;
    throw new CliError(plainText(error.message), { exitCode, cause: error });
  }
}
