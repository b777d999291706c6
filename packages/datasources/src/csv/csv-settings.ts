import type { StandardSchemaV1 } from '@standard-schema/spec';
import { didYouMean } from '../nearest-name.ts';
import { CsvError, nameList, quoted } from './csv-error.ts';
import type { CsvColumns, CsvOptions } from './csv-options.ts';

/** Checked options with every default filled in. */
export interface CsvSettings {
  readonly schema: StandardSchemaV1 | undefined;
  readonly columns: CsvColumns | undefined;
  readonly header: boolean;
  readonly delimiter: string;
  readonly quote: string | false;
  readonly comment: string | undefined;
  readonly emptyLines: 'skip' | 'error' | undefined;
  readonly encoding: string;
  readonly maxRowBytes: number;
}

const optionNames = [
  'schema',
  'columns',
  'header',
  'delimiter',
  'quote',
  'comment',
  'emptyLines',
  'encoding',
  'maxRowBytes',
] as const satisfies readonly (keyof CsvOptions)[];

/** Checks options. @throws CsvError `CSV_OPTIONS` for a value that can't work. */
export function csvSettings(options: CsvOptions = {}): CsvSettings {
  for (const name of Object.keys(options)) {
    if ((optionNames as readonly string[]).includes(name)) continue;
    refuse(
      `there is no option '${name}'.${didYouMean(name, optionNames)} The options are: ${optionNames.join(', ')}`,
    );
  }
  const settings: CsvSettings = {
    schema: options.schema,
    columns: options.columns,
    header: options.header ?? true,
    delimiter: options.delimiter ?? ',',
    quote: options.quote ?? '"',
    comment: options.comment,
    emptyLines: options.emptyLines,
    encoding: encodingName(options.encoding ?? 'utf-8'),
    maxRowBytes: options.maxRowBytes ?? 16 * 1024 * 1024,
  };
  checkMarks(settings);
  checkColumns(settings);
  if (settings.schema !== undefined && typeof settings.schema['~standard']?.validate !== 'function') {
    refuse(
      `schema must be a Standard Schema (Zod, Valibot, ArkType, …), and this ${typeof settings.schema} is none`,
    );
  }
  if (![undefined, 'skip', 'error'].includes(settings.emptyLines)) {
    refuse(`emptyLines must be 'skip' or 'error', not ${show(settings.emptyLines)}`);
  }
  if (!(Number.isSafeInteger(settings.maxRowBytes) && settings.maxRowBytes > 0)) {
    refuse(`maxRowBytes must be a whole number of bytes above 0, not ${show(settings.maxRowBytes)}`);
  }
  return settings;
}

function checkMarks({ delimiter, quote, comment }: CsvSettings): void {
  const marks = { delimiter, quote: quote === false ? undefined : quote, comment };
  const given = Object.entries(marks).filter(([, mark]) => mark !== undefined);
  for (const [name, mark] of given) {
    if (typeof mark !== 'string' || mark === '' || /[\r\n]/.test(mark)) {
      refuse(`${name} must be one or more characters without a line break, not ${show(mark)}`);
    }
  }
  for (const [i, [name, mark]] of given.entries()) {
    for (const [other, otherMark] of given.slice(i + 1)) {
      if (mark?.startsWith(otherMark as string) || otherMark?.startsWith(mark as string)) {
        refuse(
          `${name} ${show(mark)} and ${other} ${show(otherMark)} begin alike, so they can't be told apart`,
        );
      }
    }
  }
}

function checkColumns({ columns, header }: CsvSettings): void {
  if (columns === undefined) {
    if (!header) refuse(`without a header row the columns need names: give columns: ['first', 'second', …]`);
    return;
  }
  if (typeof columns !== 'object' || columns === null) {
    refuse(`columns must be a list of names, or an object of key: name or position, not ${show(columns)}`);
  }
  const keys = Array.isArray(columns) ? (columns as readonly string[]) : Object.keys(columns);
  if (keys.length === 0) refuse('columns names no column: leave it out to get them all');
  const repeated = keys.filter((key, i) => keys.indexOf(key) !== i);
  if (repeated.length > 0) refuse(`columns names ${nameList([...new Set(repeated)])} twice`);
  for (const [key, from] of Object.entries(columns)) {
    if (typeof from === 'string' && (header || Array.isArray(columns))) continue;
    if (typeof from === 'number' && !Array.isArray(columns) && Number.isSafeInteger(from) && from > 0)
      continue;
    const expected = Array.isArray(columns)
      ? 'a name'
      : header
        ? 'a name, or a position from 1'
        : 'a position from 1';
    refuse(`columns.${key} must be ${expected}${header ? '' : ', since header is false'}, not ${show(from)}`);
  }
}

function encodingName(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    return refuse(`encoding ${show(label)} is unknown; try 'utf-8', 'utf-16le' or 'windows-1252'`, cause);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

function refuse(problem: string, cause?: unknown): never {
  throw new CsvError(
    'CSV_OPTIONS',
    { file: 'CSV options' },
    `${problem}.`,
    cause === undefined ? {} : { cause },
  );
}
