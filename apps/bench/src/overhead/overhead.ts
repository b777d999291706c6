import { runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfDifference, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';

const SIZES = [
  { replicates: 1_000, rounds: 11 },
  { replicates: 10_000, rounds: 7 },
  { replicates: 100_000, rounds: 5 },
];
const CONDITIONS = 3;
const MOST_MICROSECONDS = 10;
const MOST_GROWTH = 1.2;
const MOST_KIB = 0.5;

/** What a cell costs when its steps cost nothing, in time and in memory, from few cells to many. */
export async function overhead(): Promise<Report> {
  const rows: string[][] = [];
  const perCell = new Map<number, number>();
  let kibPerCell = Number.NaN;
  for (const { replicates, rounds } of SIZES) {
    const { bare, ours } = await measureRounds(rounds, {
      bare: () => runProgram(new URL('./bare.ts', import.meta.url), { args: { replicates } }),
      ours: () => runProgram(new URL('./experiment.ts', import.meta.url), { args: { replicates } }),
    });
    const time = spreadOfFigure(ours, 'microsecondsPerCell');
    const cells = replicates * CONDITIONS;
    perCell.set(replicates, time.median);
    kibPerCell = spreadOfDifference(ours, bare, 'peakKib').median / cells;
    rows.push([
      cells.toLocaleString('en-US'),
      formatSpread(spreadOfFigure(bare, 'microsecondsPerCell')),
      formatSpread(time),
      formatSpread(spreadOfRatio(ours, bare, 'microsecondsPerCell'), 'x'),
      inMib(spreadOfFigure(bare, 'peakKib').median),
      inMib(spreadOfFigure(ours, 'peakKib').median),
      `${kibPerCell.toFixed(2)} KiB`,
    ]);
  }
  return {
    title: 'overhead: what a cell costs when its steps do nothing',
    method:
      'Three steps, a baseline and two treatments, nothing stored. The bare program does the same in a loop that awaits\n' +
      'every step and keeps every metric. Each in a fresh process, without warming up. Time in µs per cell.',
    tables: [
      {
        columns: [
          'cells',
          'bare µs',
          'crystallize µs',
          'ratio',
          'bare MiB',
          'crystallize MiB',
          'more per cell',
        ],
        rows,
      },
    ],
    targets: targets(perCell, kibPerCell),
  };
}

function targets(perCell: ReadonlyMap<number, number>, kibPerCell: number): Target[] {
  const [few, some, many] = [1_000, 10_000, 100_000].map(
    (replicates) => perCell.get(replicates) ?? Number.NaN,
  ) as [number, number, number];
  const absolute = (count: string, measured: number) => ({
    claim: `at most ${MOST_MICROSECONDS} µs per cell at ${count} replicates`,
    measured,
    limit: MOST_MICROSECONDS,
    unit: ' µs',
  });
  return [
    absolute('1,000', few),
    absolute('10,000', some),
    {
      claim: `at 100,000 replicates at most ${MOST_GROWTH} times the time per cell at 10,000`,
      measured: many / some,
      limit: MOST_GROWTH,
      unit: 'x',
    },
    {
      claim: `at 100,000 replicates at most ${MOST_KIB} KiB per cell more than the bare program`,
      measured: kibPerCell,
      limit: MOST_KIB,
      unit: ' KiB',
    },
  ];
}

function inMib(kib: number): string {
  return (kib / 1024).toFixed(0);
}
