import type { StandardSchemaV1 } from '@standard-schema/spec';

/**
 * Which columns a row gets, and under which keys.
 *
 * - `['species', 'island']`: these columns of the header, and no others. With `header: false` the
 *   names of all columns in their order, since the file itself names none.
 * - `{ length: 'bill_length_mm', mass: 6 }`: these keys, each from the column with that name, or with
 *   that position from 1. The way to rename, and to read a file whose header names a column twice.
 */
export type CsvColumns = readonly string[] | Readonly<Record<string, string | number>>;

/** How a CSV file is written, and what its rows become. */
export interface CsvOptions<
  S extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
  C extends CsvColumns | undefined = CsvColumns | undefined,
> {
  /**
   * A Standard Schema (Zod, Valibot, ArkType, …) for one row, sync or async: it gets the row's cells
   * as strings under their column names, and its output is the row. Without one every cell stays a
   * string, just as it stands in the file: types are never guessed.
   */
  readonly schema?: S;
  /** Default: every column under the name in the header. */
  readonly columns?: C;
  /** Whether the first row holds the names of the columns. Default `true`; `false` needs `columns`. */
  readonly header?: boolean;
  /** What stands between cells, one or more characters. Default `,`. */
  readonly delimiter?: string;
  /** What cells with delimiters or line breaks are wrapped in; doubled inside. Default `"`; `false`: nothing. */
  readonly quote?: string | false;
  /** A line that begins with this is no data. Default: no line is. */
  readonly comment?: string;
  /**
   * What a line without any character is. In a file with several columns `skip` passes over it and
   * `error` refuses it; default `skip`. In a file with one column it is by default a row with an empty
   * cell, which is what RFC 4180 says of it.
   */
  readonly emptyLines?: 'skip' | 'error';
  /**
   * Default `utf-8`, or any label of the Encoding Standard such as `windows-1252` or `utf-16le`. Bytes
   * that are no text in it are an error. A byte order mark is never part of the data.
   */
  readonly encoding?: string;
  /** How long a row may be, in bytes of UTF-8; guards against quotes that never end. Default 16 MiB. */
  readonly maxRowBytes?: number;
}

/** What one row is: the schema's output, else strings under the names of the columns. */
export type CsvRow<
  S extends StandardSchemaV1 | undefined = undefined,
  C extends CsvColumns | undefined = undefined,
> = S extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<S>
  : C extends readonly (infer Name extends string)[]
    ? Record<Name, string>
    : C extends Readonly<Record<string, string | number>>
      ? { [K in keyof C]: string }
      : Record<string, string>;
