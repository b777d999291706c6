import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { positiveNumber } from '../option-values.ts';

const EXAMPLES = `
Examples:
  crystallize worker --queue penguins
  crystallize worker --queue penguins --redis redis://queue.lab:6379 --concurrency 4

The cells come from: crystallize run penguins.experiment.ts --queue penguins

The first Ctrl-C or SIGTERM takes no further cell and waits for those under way; the second ends at once.

Exit codes:
  0  stopped by a signal, and every cell that was under way has ended
  1  stopped by an error, such as a Redis that can't be reached
  2  wrong usage, or a package is missing
  130, 143  ended at once by a second Ctrl-C or SIGTERM; the cells under way run again elsewhere`;

/** `crystallize worker`. What does the work is loaded when it is called. */
export function workerCommand(): CommandUnknownOpts {
  return new Command('worker')
    .description('run cells of a queue on this machine, until it is stopped')
    .requiredOption('--queue <name>', 'the queue, as crystallize run was told it')
    .option('--redis <url>', 'where the queue is (default: $REDIS_URL, or redis://127.0.0.1:6379)')
    .option('--concurrency <n>', 'cells at the same time (default: one for each core)', positiveNumber)
    .option(
      '--root <dir>',
      'the folder below which the experiments lie, as on the other machine (default: the nearest with a package.json, from here upwards)',
    )
    .addOption(
      new Option('--runtime <kind>', 'what the cells run in')
        .choices(['threads', 'processes'])
        .default('threads'),
    )
    .option('--verbose', 'show whole stacks')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      const { runWorker } = await import('./run-worker.ts');
      process.exitCode = await runWorker(options);
    });
}
