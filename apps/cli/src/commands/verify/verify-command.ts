import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { configOption, noConfigOption, rootOption, storeOption } from '../config-options.ts';
import { versionNumber } from '../option-values.ts';

const EXAMPLES = `
Examples:
  crystallize verify
  crystallize verify penguins --root artifacts
  crystallize verify penguins --run 3 --json | jq .faults

Exit codes:
  0  nothing is wrong
  1  faults were found, or what is stored could not be read
  2  wrong usage, or there is no such folder, experiment or run`;

/** `crystallize verify`. What does the work is loaded when it is called. */
export function verifyCommand(): CommandUnknownOpts {
  return new Command('verify')
    .description('read every stored artifact and record again, and tell what is missing, altered or unlisted')
    .argument('[experiment]', 'the name or id of one experiment; else all of the folder')
    .addOption(rootOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addOption(noConfigOption())
    .option('--run <n>', 'one run of the experiment: 3 for v3', versionNumber)
    .option('--json', 'print what was found as one JSON document')
    .option('--verbose', 'show whole stacks')
    .addHelpText('after', EXAMPLES)
    .action(async (experiment, options) => {
      const { verifyRuns } = await import('./verify-runs.ts');
      process.exitCode = await verifyRuns({ ...options, experiment });
    });
}
