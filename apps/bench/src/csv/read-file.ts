/** Reads the file in one of four ways, and adds up a column. */
import { createReadStream } from 'node:fs';
import { csvRows, readCsv } from '@crystallize/datasources';
import { parse } from 'csv-parse';
import { peakMemoryKib, printFigures, programArgs } from '../harness/program-args.ts';
import { MeasurementRow, massOf, type TextRow } from './measurement-row.ts';

/** `bare…`: csv-parse alone; `…Stream`: text, row by row; `…Typed`: every row checked by the schema and kept. */
export type Way = 'bareStream' | 'stream' | 'bareTyped' | 'typed';

const { path, rows, way } = programArgs<{ path: string; rows: number; way: Way }>();

const ways: Readonly<Record<Way, () => Promise<number>>> = {
  async bareStream() {
    let sum = 0;
    const records: AsyncIterable<TextRow> = createReadStream(path).pipe(parse({ columns: true }));
    for await (const row of records) sum += Number(row.mass_g);
    return sum;
  },
  async stream() {
    let sum = 0;
    for await (const row of csvRows(path)) sum += Number(row['mass_g']);
    return sum;
  },
  async bareTyped() {
    const kept = [];
    const records: AsyncIterable<TextRow> = createReadStream(path).pipe(parse({ columns: true }));
    for await (const row of records) kept.push(MeasurementRow.parse(row));
    return kept.reduce((sum, row) => sum + row.mass_g, 0);
  },
  async typed() {
    const kept = await readCsv(path, { schema: MeasurementRow });
    return kept.reduce((sum, row) => sum + row.mass_g, 0);
  },
};

const startedAt = process.hrtime.bigint();
const sum = await ways[way]();
const nanoseconds = Number(process.hrtime.bigint() - startedAt);
const peakMib = peakMemoryKib() / 1024;

let expected = 0;
for (let id = 0; id < rows; id++) expected += massOf(id);
if (sum !== expected) throw new Error(`The masses add up to ${sum}, and ${expected} was expected.`);
printFigures({ milliseconds: nanoseconds / 1e6, peakMib });
