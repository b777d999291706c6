import { describe, expect, test } from 'vitest';
import { FAILING, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

/** Runs a file of its own, and gives how that ended. */
async function run(
  text: string,
  options: {
    readonly name?: string;
    readonly args?: readonly string[];
    readonly files?: Record<string, string>;
  } = {},
) {
  const { name = 'a.experiment.ts', args = [], files = {} } = options;
  await using project = await Project.with({ ...files, [name]: text });
  return await project.crystallize(['run', name, ...args]);
}

describe('a mistake gets one plain sentence, no stack, and ends with 2:', () => {
  test.each<[what: string, args: readonly string[], says: string]>([
    ['a missing file', ['run', 'scalign.ts'], "There is no file scalign.ts. Did you mean 'scaling.ts'?"],
    ['a folder', ['run', '.'], '. is a folder. Give the file that exports the experiment'],
    ['a file of another kind', ['run', 'notes.md'], 'notes.md is no file that can be run.'],
    ['no file', ['run'], "missing required argument 'file'."],
    ['an unknown command', ['rnu', 'scaling.ts'], "unknown command 'rnu'. Did you mean run?"],
    [
      'an unknown option',
      ['run', 'scaling.ts', '--replicate', '2'],
      "unknown option '--replicate'. Did you mean --replicates?",
    ],
    [
      'a count that is none',
      ['run', 'scaling.ts', '--replicates', 'many'],
      "argument 'many' is invalid. It takes a whole number from 1.",
    ],
    ['a second file', ['run', 'scaling.ts', 'other.ts'], 'too many arguments'],
    [
      'an unknown treatment',
      ['run', 'scaling.ts', '--treatment', 'double'],
      "There is no treatment 'double'. Did you mean 'doubled'?",
    ],
    ['no file', ['run', '--json'], "missing required argument 'file'"],
    ['a treatment where the file should be', ['run', '-t', 'doubled'], 'There is no file doubled'],
    [
      'a treatment that is like none',
      ['run', 'scaling.ts', '-t', 'zz'],
      "There is no treatment 'zz'. The treatments are:",
    ],
    [
      'an unknown experiment',
      ['run', 'scaling.ts', '--experiment', 'scalling'],
      "no experiment 'scalling'. Did you mean 'scaling'?",
    ],
  ])('%s', async (_what, args, says) => {
    await using project = await Project.with({ 'scaling.ts': SCALING, 'notes.md': '' });
    const { code, stdout, stderr } = await project.crystallize(args);
    expect(stderr).toMatch(/^crystallize: .+\n$/);
    expect(stderr).toContain(says);
    expect([code, stdout]).toEqual([2, '']);
  });

  test.each<[what: string, text: string, says: string]>([
    ['no experiment', 'export const x = 1;', 'a.experiment.ts exports no experiment. Export one from it'],
    [
      'an enum',
      'export const a = 1;\nenum Color { red }\nexport const b = Color.red;',
      'a.experiment.ts:2 uses an enum, which Node can',
    ],
    [
      'a parameter property',
      'export class A { constructor(readonly x: number) {} }',
      'a.experiment.ts:1 uses a parameter property',
    ],
    [
      'a TypeScript syntax error',
      'export const a: number = ;',
      'a.experiment.ts:1 has a syntax error: Expression expected.',
    ],
    [
      'an import without extension',
      "import { help } from './help';\nexport { help };",
      "imports './help'. Node needs the whole name of the file: write './help.ts'.",
    ],
    [
      'an import of the compiled file',
      "import { help } from './help.js';\nexport { help };",
      "imports './help.js'. Node needs the whole name of the file: write './help.ts'.",
    ],
    [
      'an import of nothing',
      "import './nothing.ts';\nexport {};",
      "imports './nothing.ts', and there is no such file.",
    ],
    [
      'a package that is missing',
      "import 'left-pad';\nexport {};",
      'imports the package left-pad, which is not installed there. Install it: npm install left-pad.',
    ],
    [
      'a type imported as a value',
      "import { Help } from './help.ts';\nexport const h: Help = 1;",
      'If it is a type, write import type { Help }.',
    ],
    [
      'an invalid definition',
      SCALING.replace('replicates: 4', 'replicates: 0'),
      "The experiment 'scaling' can't run: replicates is a whole number of at least 1",
    ],
    [
      'a run of its own, awaited',
      `${SCALING}\nconsole.log(await scaling.run());`,
      'starts a run by itself when it is loaded, and would run twice.',
    ],
    [
      'a stream of its own',
      `${SCALING}\nfor await (const cell of scaling.stream()) console.log(cell);`,
      'starts a run by itself when it is loaded',
    ],
    [
      'a graph that it runs itself',
      `${SCALING}\nimport { ExperimentGraph } from '@crystallize/core';\nawait new ExperimentGraph([scaling]).run();`,
      'starts a run by itself when it is loaded',
    ],
    [
      'a run of its own, not awaited',
      `${SCALING}\nscaling.run().then(console.log);`,
      'Put that under if (import.meta.main) { … }',
    ],
  ])('%s', async (_what, text, says) => {
    const files = { 'help.ts': 'export const help = 1;\nexport type Help = number;' };
    const { code, stdout, stderr } = await run(text, { files });
    expect(stderr).toMatch(/^crystallize: .+\n$/);
    expect(stderr).toContain(says);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('a JavaScript syntax error, with its line', async () => {
    const { code, stderr } = await run('export const a = 1;\nexport const b = ( ;\n', { name: 'a.mjs' });
    expect([code, stderr]).toEqual([2, "crystallize: a.mjs:2 has a syntax error: Unexpected token ';'.\n"]);
  });
});

describe('what the code of a file does wrong', () => {
  test('is told with its own frames, when it throws while it is loaded', async () => {
    const { code, stderr } = await run(
      "function load() { throw new TypeError('no \\x1b[2Jdata'); }\nload();\nexport {};",
    );
    expect(code).toBe(2);
    expect(stderr).toBe(
      'crystallize: a.experiment.ts threw an error while it was loaded: TypeError: no data\n  at load (a.experiment.ts:1:25)\n  at a.experiment.ts:2:1\n',
    );
  });

  test('is told with the whole stack under --verbose, and with DEBUG', async () => {
    await using project = await Project.with({ 'a.ts': "throw new Error('no');\nexport {};" });
    const verbose = await project.crystallize(['run', 'a.ts', '--verbose']);
    const debug = await project.crystallize(['run', 'a.ts'], { DEBUG: 'crystallize' });
    for (const { stderr } of [verbose, debug]) expect(stderr).toContain('node:internal');
    const failing = await run(FAILING, { args: ['--verbose'] });
    expect(failing.stdout).toMatch(/RangeError: k is too large\n +at .*run \(.+a\.experiment\.ts:7/);
  });

  test.each([
    ['calls process.exit', 'process.exit(0)', "the experiment's code ended the process (process.exit)"],
    ['waits for a promise that never settles', 'await new Promise(() => {})', 'the run came to a standstill'],
    [
      'throws in a timer',
      "setTimeout(() => { throw new RangeError('late'); }); await new Promise((r) => setTimeout(r, 60_000))",
      'code threw an error that nothing caught, which ends the process: RangeError: late\n  at ',
    ],
  ])('never looks like success: a step that %s', async (_what, code, says) => {
    const text = FAILING.replace('  run(', '  async run(').replace('ctx.record', `${code}; ctx.record`);
    const ended = await run(text);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(says);
    expect(ended.stdout).toBe('');
  });

  test('a file that never ends loading is told, too', async () => {
    const { code, stderr } = await run(`${SCALING}\nawait new Promise(() => {});`);
    expect(code).toBe(1);
    expect(stderr).toContain('came to a standstill');
  });

  test('a run that starts only in the main module is no mistake', async () => {
    const { code, stderr } = await run(`${SCALING}\nif (import.meta.main) await scaling.run();`);
    expect(code, stderr).toBe(0);
  });
});

test('storage that fails stops the run, is told with what there is, and ends with 1', async () => {
  const plugin =
    "plugins: [{ name: 'full', commitCell(run, cell) { if (cell.replicate > 1) throw new Error('no space left'); } }],";
  const { code, stdout, stderr } = await run(SCALING.replace('replicates: 4,', `replicates: 4, ${plugin}`));
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /crystallize: the run was stopped: The plugin 'full' failed in commitCell: no space left/,
  );
  expect(stderr).toMatch(/scaling: \d+ of 12 cells ended/);
});
