import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { CliError } from './cli-error.ts';
import { debugCommand } from './commands/debug/debug-command.ts';
import { pruneCommand } from './commands/prune/prune-command.ts';
import { runCommand } from './commands/run/run-command.ts';
import { verifyCommand } from './commands/verify/verify-command.ts';
import { workerCommand } from './commands/worker/worker-command.ts';
import { EXIT } from './exit-code.ts';
import { endProcess, ignoreClosedPipes } from './process/streams.ts';
import { debugAsked, paintFor } from './process/terminal.ts';
import { plainText } from './text/plain-text.ts';

/** Runs the command with the arguments that follow its name; sets the exit code and never rejects. */
export async function main(args: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  try {
    await makeProgram(args).parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode =
      error instanceof CommanderError ? usageCode(error) : tell(error, args.includes('--verbose'));
  }
  await endProcess();
}

function makeProgram(args: readonly string[]): CommandUnknownOpts {
  const program = new Command('crystallize')
    .description(
      'Runs Crystallize experiments (baseline, treatments, replicates, statistics), and keeps what they store in order.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) => write(`crystallize: ${sentence(plainText(text))}\n`),
    })
    .addHelpText(
      'after',
      '\nExamples:\n  crystallize run penguins.experiment.ts\n  crystallize run penguins.experiment.ts --resume\n  crystallize verify penguins --root artifacts\n\n`crystallize run --help` shows its options.',
    );
  // Settings such as exitOverride are not inherited by commands that are made elsewhere.
  const commands = [runCommand(args), debugCommand(), workerCommand(), verifyCommand(), pruneCommand()];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

/** Commander's words as a sentence of ours, with what to do next. */
function sentence(text: string): string {
  const [first = '', ...more] = text.trim().split('\n');
  const hint = more.map((line) => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  const plain = first.replace(/^error: /, '');
  const ended = /[.?!]$/.test(plain) ? plain : `${plain}.`;
  return `${ended}${hint === '' ? ' --help shows what there is.' : ` ${hint}`}`;
}

/** Help and the version are no mistakes. Commander gives an error for them all the same. */
function usageCode(error: CommanderError): number {
  const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
  return asked ? EXIT.done : EXIT.usage;
}

function tell(error: unknown, verbose: boolean): number {
  const { stderr } = process;
  const paint = paintFor(stderr, process.env);
  const known = error instanceof CliError;
  const message = known
    ? error.message
    : `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
  stderr.write(`${paint('bad', 'crystallize:')} ${message}\n`);
  if (known) for (const line of error.details) stderr.write(`  ${line}\n`);
  // What is told in full has no cause: where in this program it was thrown says nothing.
  const shown = known ? error.cause : error;
  if (verbose || debugAsked(process.env)) {
    if (shown !== undefined) stderr.write(`${inspect(shown)}\n`);
  } else if (!known) stderr.write('  --verbose shows where it comes from.\n');
  return known ? error.exitCode : EXIT.failed;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
