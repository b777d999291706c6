import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figures, runProgram } from '../harness/program.ts';
import type { Report } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { workFolder } from '../harness/work-folder.ts';
import { csvPieces } from './measurement-row.ts';
import type { Way } from './read-file.ts';

const ROWS = 500_000;
const ROUNDS = 7;
const MOST_TIMES_BARE = 1.2;

/** What reading CSV costs beside csv-parse, which does the parsing. */
export async function csv(): Promise<Report> {
  await using folder = await workFolder('csv');
  const path = join(folder.path, 'rows.csv');
  await writeFile(path, csvPieces(ROWS));
  const { size } = await stat(path);
  const program = (way: Way) => () =>
    runProgram(new URL('./read-file.ts', import.meta.url), { args: { path, rows: ROWS, way } });
  const measured = await measureRounds(ROUNDS, {
    bareStream: program('bareStream'),
    stream: program('stream'),
    bareTyped: program('bareTyped'),
    typed: program('typed'),
  });
  const row = (name: string, subject: readonly Figures[], limit: readonly Figures[]) => [
    name,
    formatSpread(spreadOfFigure(subject, 'milliseconds')),
    formatSpread(spreadOfRatio(subject, limit, 'milliseconds'), 'x'),
    formatSpread(spreadOfFigure(subject, 'peakMib')),
  ];
  const target = (claim: string, subject: readonly Figures[], limit: readonly Figures[], figure: string) => ({
    claim,
    measured: spreadOfRatio(subject, limit, figure).median,
    limit: MOST_TIMES_BARE,
    unit: 'x',
  });
  const { bareStream, stream, bareTyped, typed } = measured;
  return {
    title: 'csv: what reading CSV costs beside the parser',
    method:
      `${ROWS.toLocaleString('en-US')} rows of five columns, ${(size / 1024 / 1024).toFixed(0)} MiB, every tenth row quoted with a line break. The bare programs use csv-parse\n` +
      `alone, with the same schema (Zod) where rows are typed and kept. ${ROUNDS} rounds.`,
    tables: [
      {
        columns: ['program', 'ms', 'ratio', 'peak MiB'],
        rows: [
          row('csv-parse, row by row', bareStream, bareStream),
          row('csvRows', stream, bareStream),
          row('csv-parse and schema, kept', bareTyped, bareTyped),
          row('readCsv with schema', typed, bareTyped),
        ],
      },
    ],
    targets: [
      target(`csvRows: at most ${MOST_TIMES_BARE} times csv-parse`, stream, bareStream, 'milliseconds'),
      target(
        `readCsv with schema: at most ${MOST_TIMES_BARE} times csv-parse and schema`,
        typed,
        bareTyped,
        'milliseconds',
      ),
      target(`csvRows: at most ${MOST_TIMES_BARE} times the memory`, stream, bareStream, 'peakMib'),
      target(`readCsv with schema: at most ${MOST_TIMES_BARE} times the memory`, typed, bareTyped, 'peakMib'),
    ],
  };
}
