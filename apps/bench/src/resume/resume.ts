import { join } from 'node:path';
import type { Report } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { workFolder } from '../harness/work-folder.ts';
import { cellsOf, type Run, readBare, resumeRun, runAnew } from './a-run.ts';
import { manyCells } from './many-cells.ts';

const ROUNDS = 21;
const MOST_TIMES_BARE = 2;

/** What it costs to go on with a run of which nothing, or little, is left to do. */
export async function resume(): Promise<Report> {
  await using folder = await workFolder('resume');
  const run: Run = { rootDir: join(folder.path, 'many-conditions'), treatments: 1_000, replicates: 3 };
  await runAnew(run);
  const { bare, ours } = await measureRounds(ROUNDS, {
    bare: () => readBare(run),
    ours: () => resumeRun(run, 0),
  });
  const ratio = spreadOfRatio(ours, bare, 'milliseconds');
  const row = (name: string, rounds: typeof bare) => [
    name,
    formatSpread(spreadOfFigure(rounds, 'milliseconds')),
    formatSpread(spreadOfRatio(rounds, bare, 'milliseconds'), 'x'),
    formatSpread(spreadOfFigure(rounds, 'loading')),
    formatSpread(spreadOfFigure(rounds, 'ended')),
  ];
  const many = await manyCells(folder.path);
  return {
    title: 'resume: what going on with a run costs',
    method:
      'Three trivial steps, one metric, an ArtifactPlugin (versioned). A resume reads one number of the result. The bare\n' +
      'program parses every line of the same log, keeps the metric of every cell, and reads the same number.',
    tables: [
      {
        caption:
          `${cellsOf(run).toLocaleString('en-US')} cells, all done (1,000 treatments and the baseline, 3 replicates); ${ROUNDS} rounds. In ms:\n` +
          'from the start of the process to the number; from the call to the number; until the process has ended',
        columns: ['program', 'start to number', 'ratio', 'call to number', 'whole process'],
        rows: [row('bare', bare), row('resume', ours)],
      },
      many.table,
    ],
    targets: [
      {
        claim: `all done, from the start of the process to the number: at most ${MOST_TIMES_BARE} times the bare program`,
        measured: ratio.median,
        limit: MOST_TIMES_BARE,
        unit: 'x',
      },
      ...many.targets,
    ],
  };
}
