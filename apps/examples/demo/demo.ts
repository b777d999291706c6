/** `pnpm demo`: runs the penguins with the real command line, then shows what it has left on disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readCsv } from '@crystallize/datasources';
import { measuredPenguins } from '../penguins/measured-penguin.ts';
import { Penguin } from '../penguins/penguin.ts';
import { tour } from './tour.ts';
import { verdict } from './verdict.ts';

const NEXT = `What next:

  pnpm demo                                 once more: the same numbers, as a new version beside this one
  apps/examples/penguins                    the experiment itself; change a treatment, or add one
  apps/examples/README.md                   smaller examples: hello, prompts, sweep, a plugin of your own
`;
const FILE = 'penguins/penguins.graph.ts';

// The paths of the examples are relative, as they would be in a project of one's own.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const manifest = import.meta.resolve('@crystallize/cli/package.json');
const { bin } = JSON.parse(await readFile(new URL(manifest), 'utf8')) as { bin: { crystallize: string } };
const program = fileURLToPath(new URL(bin.crystallize, manifest));

const penguins = await readCsv('penguins/penguins.csv', { schema: Penguin });
const usable = measuredPenguins(penguins).length;

console.log(`
Three species of penguins live around Palmer Station in Antarctica. Can a computer tell them apart by bill,
flipper and weight? Of ${penguins.length} penguins ${usable} were measured. On 40 random splits of them, five variants of a
classifier are trained; then all 200 models are tested on penguins that they have never seen.

$ crystallize run ${FILE}
`);

const child = spawn(process.execPath, [program, 'run', FILE], { stdio: 'inherit' });
const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
if (code === 0) {
  console.log(`\n${await verdict('artifacts')}`);
  console.log(`\nWhere every file lies, in ${process.cwd()}:\n`);
  console.log(await tour('artifacts'));
  console.log(NEXT);
} else {
  process.exitCode = code ?? 1;
  console.error(`The run ended with ${signal ?? code}.`);
}
