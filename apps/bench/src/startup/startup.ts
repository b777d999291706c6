import { runProgram } from '../harness/program.ts';
import type { Report } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { workFolder } from '../harness/work-folder.ts';

const ROUNDS = 21;
// 70 ms where the bare program takes 23.3: a ratio holds on slower machines too.
const MOST_TIMES_BARE = 3;

/** How long after its start a JavaScript experiment runs its first step. */
export async function startup(): Promise<Report> {
  await using folder = await workFolder('startup');
  const program = (name: string) => () =>
    runProgram(new URL(name, import.meta.url), { args: { rootDir: folder.path } });
  const { bare, core, artifacts } = await measureRounds(ROUNDS, {
    bare: program('./bare.mjs'),
    core: program('./core.mjs'),
    artifacts: program('./artifacts.mjs'),
  });
  const row = (name: string, rounds: typeof bare) => [
    name,
    formatSpread(spreadOfFigure(rounds, 'milliseconds')),
    formatSpread(spreadOfRatio(rounds, bare, 'milliseconds'), 'x'),
  ];
  const target = (what: string, rounds: typeof bare) => ({
    claim: `${what}: at most ${MOST_TIMES_BARE} times a bare program`,
    measured: spreadOfRatio(rounds, bare, 'milliseconds').median,
    limit: MOST_TIMES_BARE,
    unit: 'x',
  });
  return {
    title: 'startup: from the start of the process to the first step',
    method: `JavaScript, one step. From the moment the process is started by another to its first step; ${ROUNDS} rounds.`,
    tables: [
      {
        columns: ['program', 'ms', 'ratio'],
        rows: [row('bare', bare), row('core', core), row('core and ArtifactPlugin', artifacts)],
      },
    ],
    targets: [target('core', core), target('core and ArtifactPlugin', artifacts)],
  };
}
