import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfDifference, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { workFolder } from '../harness/work-folder.ts';

const SIZES = [
  { replicates: 1_000, rounds: 9 },
  { replicates: 10_000, rounds: 5 },
  { replicates: 100_000, rounds: 3 },
];
const CONDITIONS = 3;
const MOST_TIMES_BARE = 3.5;
const MOST_KIB = 0.5;

/** What it costs to keep a record of every cell on disk, so that a run can go on where it was killed. */
export async function records(): Promise<Report> {
  await using folder = await workFolder('records');
  const rows: string[][] = [];
  const targets: Target[] = [];
  let kibPerCell = Number.NaN;
  for (const { replicates, rounds } of SIZES) {
    const measure = (name: string, durability: 'full' | 'process') => async () => {
      const rootDir = join(folder.path, name);
      const program = new URL(`./${name}.ts`, import.meta.url);
      const figures = await runProgram(program, { args: { replicates, rootDir, durability } });
      await rm(rootDir, { recursive: true });
      return figures;
    };
    const { bare, process, full } = await measureRounds(rounds, {
      bare: measure('bare', 'process'),
      process: measure('experiment', 'process'),
      full: measure('experiment', 'full'),
    });
    const cells = replicates * CONDITIONS;
    const row = (name: string, subject: typeof bare) => [
      name,
      cells.toLocaleString('en-US'),
      formatSpread(spreadOfFigure(subject, 'microsecondsPerCell')),
      formatSpread(spreadOfRatio(subject, bare, 'microsecondsPerCell'), 'x'),
      `${(spreadOfDifference(subject, bare, 'peakKib').median / cells).toFixed(2)} KiB`,
    ];
    rows.push(row('bare', bare), row("durability 'process'", process), row("durability 'full'", full));
    kibPerCell = spreadOfDifference(process, bare, 'peakKib').median / cells;
    targets.push({
      claim: `durability 'process', ${cells.toLocaleString('en-US')} cells: at most ${MOST_TIMES_BARE} times the bare program`,
      measured: spreadOfRatio(process, bare, 'microsecondsPerCell').median,
      limit: MOST_TIMES_BARE,
      unit: 'x',
    });
  }
  targets.push({
    claim: `durability 'process', the most cells: at most ${MOST_KIB} KiB per cell more than the bare program`,
    measured: kibPerCell,
    limit: MOST_KIB,
    unit: ' KiB',
  });
  return {
    title: 'records: what keeping a record of each cell costs',
    method:
      'The experiment of `overhead` with an ArtifactPlugin. The bare program writes a line of JSON for each cell, with a\n' +
      "hash of it, and no fsync; it is the limit of durability 'process'. Time in µs per cell.",
    tables: [{ columns: ['program', 'cells', 'µs', 'ratio', 'more memory per cell'], rows }],
    targets,
  };
}
