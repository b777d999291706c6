import { CrystallizeError, type CrystallizeErrorOptions, type ErrorCode } from '@crystallize/core';

declare module '@crystallize/core' {
  interface ErrorCodes {
    /** The file or stream can't be read: it is missing, a directory, or reading it failed. */
    CSV_UNREADABLE: true;
    /** There is not even a header row. */
    CSV_EMPTY: true;
    /** Bytes that are no text in the encoding that was expected. */
    CSV_ENCODING: true;
    /** A column is missing, or named twice. */
    CSV_HEADER: true;
    /** A row has more or fewer cells than there are columns. */
    CSV_ROW_LENGTH: true;
    /** A row is longer than `maxRowBytes`. */
    CSV_ROW_TOO_LONG: true;
    /** A quote that is never closed, or that stands where none may. */
    CSV_QUOTE: true;
    /** A row does not fit the schema. */
    CSV_SCHEMA: true;
    /** An option has a value that can't work. */
    CSV_OPTIONS: true;
  }
}

/** The codes that a {@link CsvError} can have. */
export type CsvErrorCode = Extract<ErrorCode, `CSV_${string}`>;

/** Where in a file something is wrong. */
export interface CsvPlace {
  /** Absolute path, or a description of the stream or artifact. */
  readonly file: string;
  /** Physical line from 1; a row that spans several lines counts as its first. */
  readonly line?: number | undefined;
  /** Name of the column. */
  readonly column?: string | undefined;
  /** Position of the column in the file, from 1. */
  readonly columnNumber?: number | undefined;
  /** The cell's text; shortened when it is long. */
  readonly value?: string | undefined;
}

/**
 * A CSV file can't be read as it is. The message begins with the place, then says what was found,
 * what was expected and what to do; the fields hold the same for programs.
 *
 * @example
 * catch (error) {
 *   if (error instanceof CsvError) console.error(error.file, error.line, error.column, error.value);
 * }
 */
export class CsvError extends CrystallizeError {
  declare readonly code: CsvErrorCode;
  readonly file: string;
  declare readonly line?: number;
  declare readonly column?: string;
  declare readonly columnNumber?: number;
  declare readonly value?: string;

  constructor(code: CsvErrorCode, place: CsvPlace, problem: string, options?: CrystallizeErrorOptions) {
    super(code, `${placeText(place)}: ${problem}`, options);
    this.file = place.file;
    // Absent where unknown, so that an error prints only what it knows.
    if (place.line !== undefined) this.line = place.line;
    if (place.column !== undefined) this.column = place.column;
    if (place.columnNumber !== undefined) this.columnNumber = place.columnNumber;
    if (place.value !== undefined) this.value = shorten(place.value);
  }
}

function placeText({ file, line, column, columnNumber }: CsvPlace): string {
  const at = line === undefined ? file : `${file}:${line}`;
  if (columnNumber === undefined) return at;
  return column === undefined
    ? `${at}, column ${columnNumber}`
    : `${at}, column ${columnNumber} ('${column}')`;
}

const shown = 60;

/** Cuts a long text and says how long it was. */
export function shorten(text: string): string {
  return text.length <= shown ? text : `${text.slice(0, shown)}… (${text.length} characters)`;
}

/** A text in quotes for a message, with line breaks made visible. */
export function quoted(text: string): string {
  return JSON.stringify(shorten(text));
}

/** Names for a message, the first few of them. */
export function nameList(names: readonly string[], limit = 12): string {
  const list = names.slice(0, limit).map((name) => `'${shorten(name)}'`);
  return names.length > limit ? `${list.join(', ')} and ${names.length - limit} more` : list.join(', ');
}
