import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures } from '../harness/program.ts';
import type { Table, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { settleDisk } from '../harness/settle-disk.ts';
import { formatNumber, formatSpread, spreadOfDifference, spreadOfFigure } from '../harness/spread.ts';
import { cellsOf, type Run, readBare, resumeRun, runAnew, runUntil } from './a-run.ts';

const ROUNDS = 5;
const MISSING = 1_000;
const MOST_KIB_RUN = 0.5;
const MOST_KIB_RESUME = 1;

/** Time and memory per cell of a run, and of resuming it, where there are many cells. */
export async function manyCells(
  folder: string,
): Promise<{ readonly table: Table; readonly targets: readonly Target[] }> {
  const at = (name: string): Run => ({ rootDir: join(folder, name), treatments: 99, replicates: 1_000 });
  const [done, stopped, passing] = [at('done'), at('stopped'), at('passing')];
  await runAnew(done);
  await runUntil(stopped, MISSING);
  const inPassing = async (measure: (run: Run) => Promise<Figures>): Promise<Figures> => {
    await settleDisk();
    const figures = await measure(passing);
    await rm(passing.rootDir, { recursive: true });
    return figures;
  };
  const rounds = await measureRounds(ROUNDS, {
    bare: () => readBare(done),
    run: () => inPassing(runAnew),
    resume: () => resumeRun(done, 0),
    rest: async () => {
      await cp(stopped.rootDir, passing.rootDir, { recursive: true });
      return inPassing((run) => resumeRun(run, MISSING));
    },
  });
  const cells = cellsOf(done);
  const more = (subject: readonly Figures[]) =>
    spreadOfDifference(subject, rounds.bare, 'peakKib').median / cells;
  const row = (name: string, subject: readonly Figures[]) => [
    name,
    formatSpread(spreadOfFigure(subject.map(perCell(cells)), 'microseconds')),
    `${formatNumber(spreadOfFigure(subject, 'peakKib').median / 1024)} MiB`,
    `${more(subject).toFixed(2)} KiB`,
  ];
  const target = (what: string, subject: readonly Figures[], limit: number): Target => ({
    claim: `${what}: at most ${limit} KiB per cell more than the bare program`,
    measured: more(subject),
    limit,
    unit: ' KiB',
  });
  const count = cells.toLocaleString('en-US');
  const missing = MISSING.toLocaleString('en-US');
  return {
    table: {
      caption: `${count} cells (99 treatments and the baseline, 1,000 replicates); ${ROUNDS} rounds. In µs per cell, from the call to the number`,
      columns: ['program', 'µs', 'most memory', 'more per cell'],
      rows: [
        row('bare', rounds.bare),
        row('run', rounds.run),
        row('resume, all done', rounds.resume),
        row(`resume, ${missing} missing`, rounds.rest),
      ],
    },
    targets: [
      target(`a run of ${count} cells`, rounds.run, MOST_KIB_RUN),
      target('its resume, all done', rounds.resume, MOST_KIB_RESUME),
      target(`its resume, ${missing} missing`, rounds.rest, MOST_KIB_RESUME),
    ],
  };
}

/** Over all cells of the run, whether they ran or were read. */
function perCell(cells: number): (figures: Figures) => Figures {
  return (figures) => ({ microseconds: ((figures['loading'] ?? Number.NaN) * 1000) / cells });
}
