import type { Accepted } from '@crystallize/core';
import type { Environment } from '../../process/terminal.ts';
import { commandLine } from '../../text/command-line.ts';
import { shownWord } from '../../text/shown-url.ts';

/**
 * The command that goes on with what another one has begun, or has explained: the same, with `--resume`.
 *
 * @param args What followed the name of the program.
 * @param accept Differences that it is to accept, beside those that it accepts already.
 * @returns `undefined` where the arguments can't be shown as they are.
 */
export function resumeCommand(
  args: readonly string[],
  env: Environment,
  accept: readonly Accepted[] = [],
): string | undefined {
  const end = args.indexOf('--');
  const [options, rest] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
  // What gives access must not get into a log: who pastes the command puts it in again.
  const kept = options.filter((word) => word !== '--explain').map(shownWord);
  return commandLine([
    // The shell that npm has started the program from has it on its path; the user's may not.
    ...(env['npm_command'] ? ['npx', 'crystallize'] : ['crystallize']),
    ...kept,
    ...(kept.includes('--resume') ? [] : ['--resume']),
    ...(accept.length > 0 ? ['--accept', accept.join(',')] : []),
    ...rest,
  ]);
}
