import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { configOption, noConfigOption, storeOption } from '../config-options.ts';

const EXAMPLES = `
Examples:
  crystallize debug penguins.experiment.ts
  crystallize debug penguins.experiment.ts --treatment k=15`;

/** `crystallize debug FILE`. What does the work is loaded when it is called. */
export function debugCommand(): CommandUnknownOpts {
  return new Command('debug')
    .description('run one replicate, cell by cell, and tell each step, metric and log line; stores nothing')
    .argument(
      '<file>',
      'a TypeScript or JavaScript file, or the name of an experiment in the files of the config',
    )
    .option('-e, --experiment <name>', 'which one, where the file exports several')
    .option('-t, --treatment <name>', 'a treatment to run beside the baseline')
    .addOption(storeOption('where the runs are kept that it reads from'))
    .addOption(configOption())
    .addOption(noConfigOption())
    .option('--verbose', 'show whole stacks')
    .addHelpText('after', EXAMPLES)
    .action(async (file, options) => {
      const { debugFile } = await import('./debug-file.ts');
      process.exitCode = await debugFile(file, options);
    });
}
