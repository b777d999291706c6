import { didYouMean } from '../nearest-name.ts';
import { CsvError, nameList, quoted } from './csv-error.ts';
import type { CsvSettings } from './csv-settings.ts';
import type { Cells } from './record-parser.ts';

/** A row as text: cells under the keys that were asked for. */
export type TextRow = Record<string, string>;

/** One column that rows get. */
interface Column {
  readonly key: string;
  /** From 0. */
  readonly index: number;
}

/** Which cells become which keys of a row. */
export class RowShape {
  /** How many cells each row of the file must have. */
  readonly width: number;
  /** Names in the header; empty without one. */
  readonly header: Cells;
  readonly #columns: readonly Column[];
  readonly #file: string;
  readonly #plain: boolean;

  private constructor(file: string, header: Cells, width: number, columns: readonly Column[]) {
    this.#file = file;
    this.header = header;
    this.width = width;
    this.#columns = columns;
    this.#plain = columns.every(({ key }) => key !== '__proto__');
  }

  /** The shape that a header row gives. @throws CsvError `CSV_HEADER`. */
  static fromHeader(
    file: string,
    line: number,
    header: Cells,
    { columns, delimiter }: CsvSettings,
  ): RowShape {
    const wanted: readonly (readonly [string, string | number])[] =
      columns === undefined
        ? header.map((name) => [name, name])
        : Array.isArray(columns)
          ? columns.map((name: string) => [name, name])
          : Object.entries(columns);
    const picked = wanted.map(([key, from]): Column => {
      if (typeof from === 'number') return { key, index: positionIn(header.length, from, key, file, line) };
      const index = header.indexOf(from);
      if (index === -1) throw missingColumn(file, line, from, header, delimiter);
      const again = header.indexOf(from, index + 1);
      if (again === -1) return { key, index };
      const what = from === '' ? 'two columns have no name' : `two columns are named '${from}'`;
      const problem = `${what} (${index + 1} and ${again + 1}). Rename one, or pick by position: columns: { first: ${index + 1}, second: ${again + 1} }.`;
      throw new CsvError('CSV_HEADER', { file, line, column: from, columnNumber: again + 1 }, problem);
    });
    return new RowShape(file, header, header.length, picked);
  }

  /** The shape of a file without a header row, from the options and its first row. @throws CsvError `CSV_HEADER`. */
  static withoutHeader(file: string, line: number, first: Cells, { columns = [] }: CsvSettings): RowShape {
    if (Array.isArray(columns)) {
      return new RowShape(
        file,
        [],
        columns.length,
        columns.map((key: string, index) => ({ key, index })),
      );
    }
    const picked = Object.entries(columns as Readonly<Record<string, number>>).map(([key, from]): Column => {
      return { key, index: positionIn(first.length, from, key, file, line) };
    });
    return new RowShape(file, [], first.length, picked);
  }

  /** The names that rows have. */
  get keys(): readonly string[] {
    return this.#columns.map(({ key }) => key);
  }

  /** Position in the file, from 1, of what a key is read from; `undefined` for a key that rows lack. */
  columnNumber(key: string): number | undefined {
    const column = this.#columns.find((one) => one.key === key);
    return column && column.index + 1;
  }

  /** A row from its cells. @throws CsvError `CSV_ROW_LENGTH`. */
  row(cells: Cells, line: () => number): TextRow {
    if (cells.length !== this.width) throw this.#wrongLength(cells, line());
    const row: TextRow = {};
    for (const { key, index } of this.#columns) {
      if (this.#plain) row[key] = cells[index] as string;
      // Assigning `__proto__` would set no property.
      else
        Object.defineProperty(row, key, {
          value: cells[index],
          enumerable: true,
          writable: true,
          configurable: true,
        });
    }
    return row;
  }

  #wrongLength(cells: Cells, line: number): CsvError {
    const { width, header } = this;
    const source = header.length > 0 ? 'the header has' : 'columns names';
    const counts = `the row has ${count(cells.length, 'cell')} and ${source} ${width}`;
    if (cells.length > width) {
      const value = cells[width] as string;
      const place = { file: this.#file, line, columnNumber: width + 1, value };
      const problem = `${counts}. What is too much begins with ${quoted(value)}; wrap a cell that contains the delimiter in quotes.`;
      return new CsvError('CSV_ROW_LENGTH', place, problem);
    }
    const column = header[cells.length] ?? this.#columns.find(({ index }) => index === cells.length)?.key;
    const place = { file: this.#file, line, column, columnNumber: cells.length + 1 };
    const missing = header.slice(cells.length);
    const what = missing.length > 0 ? ` Missing: ${nameList(missing, 5)}.` : '';
    const problem = `${counts}.${what} The row is ${quoted(cells.join(' | '))}; an empty cell needs its delimiter too.`;
    return new CsvError('CSV_ROW_LENGTH', place, problem);
  }
}

/** The error for a column that the file has not. */
export function missingColumn(
  file: string,
  line: number,
  name: string,
  header: Cells,
  delimiter: string,
  cause?: string,
): CsvError {
  const known = header.length > 0 ? ` It has ${nameList(header)}.` : '';
  const [only] = header;
  const other =
    header.length === 1 && only !== undefined
      ? ['\t', ';', ',', '|'].find((mark) => mark !== delimiter && only.includes(mark))
      : undefined;
  const advice =
    didYouMean(name, header) ||
    (other === undefined
      ? ' If the first row holds no names, give header: false.'
      : ` Are its cells separated by ${quoted(other)}? Then give delimiter: ${JSON.stringify(other)}.`);
  const why = cause === undefined ? '' : ` (${cause})`;
  return new CsvError(
    'CSV_HEADER',
    { file, line, column: name },
    `there is no column '${name}'${why}.${known}${advice}`,
  );
}

function positionIn(width: number, position: number, key: string, file: string, line: number): number {
  if (position <= width) return position - 1;
  const problem = `'${key}' is to be column ${position}, and there are only ${count(width, 'column')}.`;
  throw new CsvError('CSV_HEADER', { file, line, column: key, columnNumber: position }, problem);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
