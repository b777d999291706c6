import { type Figures, runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOf, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import type { ParallelArgs } from './parallel-args.ts';
import { roundsFor } from './task.ts';

const ROUNDS = 7;
const WORKERS = 2;
const LONG = { cells: 100, milliseconds: 50 };
const EMPTY_CELLS = 20_000;
const MOST_SLOWER = 1.05;
const MOST_DISPATCH = 1.5;
const MOST_FIRST = 1.3;

const RUNTIMES = ['worker_threads', 'child_process'] as const;
type Runtime = (typeof RUNTIMES)[number];

/** What workers cost beside bare tinypool: for long cells, until the first of them has ended, and for empty ones. */
export async function parallel(): Promise<Report> {
  const rounds = roundsFor(LONG.milliseconds);
  const long: string[][] = [];
  const empty: string[][] = [];
  const targets: Target[] = [];
  for (const runtime of RUNTIMES) {
    const many = await measure({ cells: LONG.cells, rounds, workers: WORKERS }, runtime);
    long.push(
      ['serial, Crystallize', '', '', formatSpread(spreadOfFigure(many.serial, 'total'))],
      ...rowsOf(runtime, many),
    );
    const few = await measure({ cells: EMPTY_CELLS, rounds: 0, workers: WORKERS }, runtime);
    for (const [name, figures] of [
      ['bare', few.bare],
      ['crystallize', few.ours],
    ] as const) {
      empty.push([`${runtime}, ${name}`, formatSpread(spreadOfFigure(figures, 'microsecondsPerCell'))]);
    }
    targets.push(...targetsOf(runtime, many, few));
  }
  return {
    title: 'parallel: what workers cost beside tinypool alone',
    method:
      `${WORKERS} workers. The bare program gives each cell to tinypool as a task of its own, all at once; both have a worker\n` +
      'import the same work. Times begin when the pool is made, and end when it is closed. The bare program is measured a\n' +
      'second time with workers that import @crystallize/core as well, which is what the import of an experiment costs.',
    tables: [
      {
        caption: `${LONG.cells} cells of about ${LONG.milliseconds} ms for the processor alone`,
        columns: ['runtime', 'speed-up', 'first result, ms', 'all, ms'],
        rows: long,
      },
      {
        caption: `${EMPTY_CELLS.toLocaleString('en-US')} empty cells`,
        columns: ['runtime', 'µs per cell'],
        rows: empty,
      },
    ],
    targets,
  };
}

type Measured = Readonly<Record<'bare' | 'importing' | 'ours' | 'serial', readonly Figures[]>>;

function measure(args: Omit<ParallelArgs, 'runtime'>, runtime: Runtime): Promise<Measured> {
  const program = (name: string, more: object) => () =>
    runProgram(new URL(name, import.meta.url), { args: { ...args, ...more } });
  return measureRounds(ROUNDS, {
    bare: program('./bare.ts', { runtime }),
    importing: program('./bare.ts', { runtime, withImport: true }),
    ours: program('./experiment.ts', { runtime }),
    serial: program('./experiment.ts', { runtime: 'serial' }),
  });
}

function rowsOf(runtime: Runtime, { bare, importing, ours, serial }: Measured): string[][] {
  const named = [
    ['bare', bare],
    ['bare, importing', importing],
    ['crystallize', ours],
  ] as const;
  return named.map(([name, figures]) => [
    `${runtime}, ${name}`,
    formatSpread(spreadOfRatio(serial, figures, 'total')),
    formatSpread(spreadOfFigure(figures, 'first')),
    formatSpread(spreadOfFigure(figures, 'total')),
  ]);
}

function targetsOf(runtime: Runtime, long: Measured, empty: Measured): Target[] {
  return [
    {
      claim: `${runtime}: cells of ${LONG.milliseconds} ms take at most ${MOST_SLOWER} times as long as with bare tinypool`,
      measured: spreadOfRatio(long.ours, long.bare, 'total').median,
      limit: MOST_SLOWER,
      unit: 'x',
    },
    {
      claim: `${runtime}: the first result comes within ${MOST_FIRST} times that of bare tinypool, plus the import`,
      measured: lateness(empty),
      limit: MOST_FIRST,
      unit: 'x',
    },
    {
      claim: `${runtime}: an empty cell costs at most ${MOST_DISPATCH} times a task of bare tinypool`,
      measured: spreadOfRatio(empty.ours, empty.bare, 'microsecondsPerCell').median,
      limit: MOST_DISPATCH,
      unit: 'x',
    },
  ];
}

/** How many times that of the bare program the first result takes, without what the import takes. */
function lateness({ bare, importing, ours }: Measured): number {
  const first = (figures: readonly Figures[], round: number) => figures[round]?.['first'] ?? Number.NaN;
  const ratios = ours.map((_, round) => {
    const start = first(bare, round);
    return (first(ours, round) - (first(importing, round) - start)) / start;
  });
  return spreadOf(ratios).median;
}
