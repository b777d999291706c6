import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figures, runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { settleDisk } from '../harness/settle-disk.ts';
import { formatSpread, spreadOfDifference, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { workFolder } from '../harness/work-folder.ts';
import { CONDITIONS, type CommitTask, EXPERIMENT } from './task.ts';

type Case = Pick<CommitTask, 'lanes' | 'durability' | 'replicates'>;

// So many that a round takes one or two seconds: what begins and ends a run counts for little.
const CASES: readonly Case[] = [
  { durability: 'full', lanes: 2, replicates: 8_000 },
  { durability: 'full', lanes: 64, replicates: 20_000 },
  { durability: 'process', lanes: 64, replicates: 20_000 },
];
const ROUNDS = 7;
const MOST_TIMES_BARE = 1.3;
const MOST_MICROSECONDS = 20;
const TIME = 'microsecondsPerCell';

/** What a cell costs where the next one waits until it is committed. */
export async function commit(): Promise<Report> {
  await using folder = await workFolder('commit');
  const lineBytes = await averageLine(folder.path);
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const task of CASES) {
    const { durability, lanes } = task;
    const { bare, unkept, ours } = await measureCase(folder.path, { ...task, lineBytes });
    rows.push([
      `'${durability}', ${lanes} in flight`,
      (task.replicates * CONDITIONS).toLocaleString('en-US'),
      formatSpread(spreadOfFigure(bare, TIME)),
      formatSpread(spreadOfFigure(ours, TIME)),
      formatSpread(spreadOfRatio(ours, bare, TIME), 'x'),
      formatSpread(spreadOfFigure(unkept, TIME)),
      formatSpread(spreadOfDifference(ours, unkept, TIME)),
    ]);
    targets.push(targetOf(task, bare, ours));
  }
  return {
    title: 'commit: what it costs to wait for the commit of each cell',
    method:
      `The experiment of \`records\` in lanes: a lane begins its next cell when the one before is acknowledged. The bare program\n` +
      `has as many lanes over one file; each makes a line of ${lineBytes} bytes from an object, as long as those of the experiment,\n` +
      "and what is appended while a group is being written makes up the next. It runs no cells; 'run only' is the experiment without a\n" +
      `record of its cells, 'commit' what the record adds to that. ${ROUNDS} rounds. Time in µs per cell, over the whole run.`,
    tables: [
      {
        columns: ['durability', 'cells', 'bare', 'crystallize', 'ratio', 'run only', 'commit'],
        rows,
      },
    ],
    targets,
  };
}

function targetOf({ durability, lanes }: Case, bare: readonly Figures[], ours: readonly Figures[]): Target {
  const what = `durability '${durability}', ${lanes} in flight`;
  if (durability === 'full') {
    return {
      claim: `${what}: at most ${MOST_TIMES_BARE} times the bare program`,
      measured: spreadOfRatio(ours, bare, TIME).median,
      limit: MOST_TIMES_BARE,
      unit: 'x',
    };
  }
  return {
    claim: `${what}: at most ${MOST_MICROSECONDS} µs per cell, running it included`,
    measured: spreadOfFigure(ours, TIME).median,
    limit: MOST_MICROSECONDS,
    unit: ' µs',
  };
}

async function measureCase(folder: string, task: Omit<CommitTask, 'rootDir'>) {
  const measure = (program: string, more: { readonly unkept?: true } = {}) => {
    return async (): Promise<Figures> => {
      const rootDir = join(folder, 'passing');
      await settleDisk();
      const figures = await runProgram(new URL(program, import.meta.url), {
        args: { ...task, ...more, rootDir },
      });
      await rm(rootDir, { recursive: true, force: true });
      return figures;
    };
  };
  return measureRounds(ROUNDS, {
    bare: measure('./bare.ts'),
    unkept: measure('./experiment.ts', { unkept: true }),
    ours: measure('./experiment.ts'),
  });
}

/** Bytes per cell in the log of a run like those that are measured. */
async function averageLine(folder: string): Promise<number> {
  const task: CommitTask = {
    rootDir: join(folder, 'line'),
    durability: 'process',
    lanes: 64,
    replicates: 10_000,
    lineBytes: 0,
  };
  await runProgram(new URL('./experiment.ts', import.meta.url), { args: { ...task } });
  const { size } = await stat(join(task.rootDir, EXPERIMENT, '.crystallize', 'v0', 'cells.0.log'));
  return Math.round(size / (task.replicates * CONDITIONS));
}
