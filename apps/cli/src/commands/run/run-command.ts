import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import { configOption, noConfigOption, storeOption } from '../config-options.ts';
import { milliseconds, positiveNumber, versionNumber, wholeNumber } from '../option-values.ts';
import { executorConflict } from './executor-options.ts';
import { acceptedKinds, misplacedOption } from './run-options.ts';

const EXAMPLES = `
Examples:
  crystallize run penguins.experiment.ts
  crystallize run penguins.experiment.ts --replicates 3 --treatment k=1 k=15
  crystallize run penguins.experiment.ts --experiment penguins --seed 7
  crystallize run penguins.experiment.ts --json | jq .baseline.metrics
  crystallize run penguins.experiment.ts --explain
  crystallize run penguins.experiment.ts --workers 4 --store s3://lab/penguins
  crystallize run penguins.experiment.ts --resume --accept code

Exit codes:
  0  every cell succeeded; with --explain, --resume would go on
  1  some cells failed, or the run was stopped by an error; with --explain, --resume would be refused
  2  wrong usage, or a file or definition that can't be run, or that differs from what is to be resumed
  130, 143  stopped by Ctrl-C or SIGTERM; what had finished is kept`;

/**
 * `crystallize run FILE`. What does the work is loaded when it is called.
 * @param args What follows the name of the program, for the command that is told to go on with.
 */
export function runCommand(args: readonly string[]): CommandUnknownOpts {
  return new Command('run')
    .description('run the experiment, or the graph of experiments, that a file exports')
    .argument(
      '[file]',
      'a TypeScript or JavaScript file, or the name of an experiment in the files of the config',
    )
    .option(
      '-e, --experiment <name>',
      'which one, where the file exports several: a name, or that of an export',
    )
    .option('-r, --replicates <n>', 'how often each condition runs', positiveNumber)
    .option(
      '-t, --treatment <name...>',
      'run these treatments beside the baseline; can be given several times',
      collect,
    )
    .option('-s, --seed <n>', 'seed of the run', (text) => wholeNumber(text))
    .option('--resume', 'go on with what is stored: run only what is missing, failed or changed')
    .option('--from-version <n>', 'resume this version, not the newest with a finished cell', versionNumber)
    .option(
      '--accept <kinds>',
      'resume although these differ from what is stored: code, params, datasource, seed, inputs; separated by commas, or given several times',
      acceptedKinds,
    )
    .option('--explain', 'tell what --resume would do with each condition and why, and run nothing')
    .option('--fail-fast', 'stop at the first cell that fails')
    .option('--timeout <time>', 'how long one try of one cell may take: 500ms, 30s, 2m', milliseconds)
    .option('--retries <n>', 'tries after the first, for cells that fail', (text) => wholeNumber(text, 0))
    .option(
      '--workers [n]',
      'run cells side by side in n workers (default: one for each core)',
      workersOrFile,
    )
    .option(
      '--concurrency <n>',
      'run n cells side by side in one thread, for steps that wait',
      positiveNumber,
    )
    .option('--queue <name>', 'hand the cells to the workers of this queue: crystallize worker')
    .option('--redis <url>', 'where the queue is (default: $REDIS_URL, or redis://127.0.0.1:6379)')
    .addOption(storeOption())
    .addOption(configOption())
    .addOption(noConfigOption())
    .option('--json', 'print the result as one JSON document, and nothing else, to standard output')
    .option('--verbose', 'show whole stacks, debug lines, events and artifacts; with --explain, each cell')
    .addHelpText('after', EXAMPLES)
    .action(async (given, options, command) => {
      if (typeof options.workers === 'string' && given !== undefined)
        return command.error(
          `error: '${options.workers}' is no number of workers, and the file is '${given}'`,
        );
      const { file, treatment, workers } = fileAmong(given, options);
      const misplaced = misplacedOption({ ...options, workers });
      if (misplaced !== undefined)
        return command.error(`error: ${misplaced} goes with --resume or --explain, and neither was given`);
      const conflict = executorConflict({ ...options, workers });
      if (conflict !== undefined) return command.error(`error: ${conflict}`);
      const { runFile } = await import('./run-file.ts');
      process.exitCode = await runFile(file, { ...options, treatment, workers }, args);
    });
}

interface Words {
  readonly treatment?: readonly string[] | undefined;
  readonly workers?: number | string | true | undefined;
}

/** A file that comes right after `--workers`, or after the names of treatments, was taken for a part of them. */
function fileAmong(file: string | undefined, { treatment, workers }: Words) {
  if (typeof workers === 'string') return { file: workers, treatment, workers: true as const };
  if (file !== undefined || !treatment) return { file, treatment, workers };
  const names = treatment.slice(0, -1);
  return { file: treatment.at(-1), treatment: names.length > 0 ? names : undefined, workers };
}

/** What follows `--workers` is a number where it looks like one. */
function workersOrFile(text: string): number | string {
  return /^[+-]?[\d.]+$/.test(text) ? positiveNumber(text) : text;
}

function collect(name: string, names: readonly string[] = []): readonly string[] {
  if (name === '') throw new InvalidArgumentError('A treatment has a name.');
  return [...names, name];
}
