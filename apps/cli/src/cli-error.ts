import { EXIT, type ExitCode } from './exit-code.ts';

/** What the user is told in place of a stack, and how the command ends then. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** Lines that stand below the message: where in the user's code it was. */
  readonly details: readonly string[];

  constructor(
    message: string,
    options: {
      readonly exitCode?: ExitCode;
      readonly details?: readonly string[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? EXIT.usage;
    this.details = options.details ?? [];
  }
}
