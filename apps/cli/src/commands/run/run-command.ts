import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import { milliseconds, positiveNumber, wholeNumber } from './run-options.ts';

const EXAMPLES = `
Examples:
  crystallize run penguins.experiment.ts
  crystallize run penguins.experiment.ts --replicates 3 --treatment k=1 k=15
  crystallize run penguins.experiment.ts --experiment penguins --seed 7
  crystallize run penguins.experiment.ts --json | jq .baseline.metrics

Exit codes:
  0  every cell succeeded
  1  some cells failed, or the run was stopped by an error
  2  wrong usage, or a file or definition that can't be run
  130, 143  stopped by Ctrl-C or SIGTERM; what had finished is kept`;

/** `crystallize run FILE`. What does the work is loaded when it is called. */
export function runCommand(): CommandUnknownOpts {
  return new Command('run')
    .description('run the experiment, or the graph of experiments, that a file exports')
    .argument('[file]', 'a TypeScript or JavaScript file')
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
    .option('--fail-fast', 'stop at the first cell that fails')
    .option('--timeout <time>', 'how long one try of one cell may take: 500ms, 30s, 2m', milliseconds)
    .option('--retries <n>', 'tries after the first, for cells that fail', (text) => wholeNumber(text, 0))
    .option('--json', 'print the result as one JSON document, and nothing else, to standard output')
    .option('--verbose', 'show whole stacks, debug lines, events and artifacts')
    .addHelpText('after', EXAMPLES)
    .action(async (given, options, command) => {
      const { file, treatment } = fileAmong(given, options.treatment);
      if (file === undefined) return command.error("error: missing required argument 'file'");
      const { runFile } = await import('./run-file.ts');
      process.exitCode = await runFile(file, { ...options, treatment });
    });
}

/** A file that comes right after the names of treatments was taken for one more of them. */
function fileAmong(
  file: string | undefined,
  treatment: readonly string[] | undefined,
): { readonly file: string | undefined; readonly treatment: readonly string[] | undefined } {
  if (file !== undefined || !treatment) return { file, treatment };
  const names = treatment.slice(0, -1);
  return { file: treatment.at(-1), treatment: names.length > 0 ? names : undefined };
}

function collect(name: string, names: readonly string[] = []): readonly string[] {
  if (name === '') throw new InvalidArgumentError('A treatment has a name.');
  return [...names, name];
}
