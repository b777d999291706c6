import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { configOption, noConfigOption, rootOption, storeOption } from '../config-options.ts';
import { mebibytes, wholeNumber } from '../option-values.ts';

const EXAMPLES = `
Examples:
  crystallize prune --dry-run
  crystallize prune penguins --root artifacts --keep 5
  crystallize prune penguins --root artifacts --keep 5 --big 100 --json

Results, records and the size and sha256 of every artifact stay, whatever is removed. Never touched: runs
that have not finished, and those that are being written, resumed or read.

Exit codes:
  0  done, or nothing to do
  1  not all could be pruned, for an error of storage; run it again to finish
  2  wrong usage, or there is no such folder or experiment`;

/** `crystallize prune`. What does the work is loaded when it is called. */
export function pruneCommand(): CommandUnknownOpts {
  return new Command('prune')
    .description(
      'remove the artifacts of old versions, as the retention of the ArtifactPlugin does; asks nothing',
    )
    .argument('[experiment]', 'the name or id of one experiment; else all of the folder')
    .addOption(rootOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addOption(noConfigOption())
    .option(
      '--keep <n>',
      'how many of the newest finished versions keep their artifacts; 0: all of them (default: what the experiment has)',
      (text) => wholeNumber(text, 0),
    )
    .option(
      '--big <mib>',
      'all but the newest finished version lose artifacts over this many MiB (default: what the experiment has)',
      mebibytes,
    )
    .option('--dry-run', 'tell what would be removed, and remove nothing')
    .option('--json', 'print the report as one JSON document')
    .option('--verbose', 'show each artifact, and whole stacks')
    .addHelpText('after', EXAMPLES)
    .action(async (experiment, options) => {
      const { pruneStored } = await import('./prune-stored.ts');
      process.exitCode = await pruneStored({ ...options, experiment });
    });
}
