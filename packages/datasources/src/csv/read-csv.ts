import type { StandardSchemaV1 } from '@standard-schema/spec';
import { CsvError } from './csv-error.ts';
import type { CsvColumns, CsvOptions, CsvRow } from './csv-options.ts';
import { type CsvSettings, csvSettings } from './csv-settings.ts';
import { type CsvSource, type OpenSource, openSource } from './csv-source.ts';
import { type CsvRecord, RecordReader } from './record-reader.ts';
import { RowSchema } from './row-schema.ts';
import { RowShape, type TextRow } from './row-shape.ts';

/**
 * Reads all rows of a CSV file (RFC 4180).
 *
 * @param file - A path, `file:` URL, artifact, or stream of bytes.
 * @throws CsvError where the file can't be read as it is, with file, line and column.
 * @example
 * const penguins = await readCsv('penguins.csv', {
 *   schema: z.object({ species: z.string(), body_mass_g: z.coerce.number() }),
 * });
 * penguins[0]?.body_mass_g; // number
 */
export async function readCsv<
  S extends StandardSchemaV1 | undefined = undefined,
  const C extends CsvColumns | undefined = undefined,
>(file: CsvSource, options?: CsvOptions<S, C>): Promise<CsvRow<S, C>[]> {
  const rows: unknown[] = [];
  for await (const batch of rowBatches(openSource(file), csvSettings(options))) {
    for (const { value } of batch) rows.push(value);
  }
  return rows as CsvRow<S, C>[];
}

/**
 * Reads a CSV file row by row, with memory for one piece of it only. Rows that precede an error come
 * out before it, except one that a broken stream may have cut; leaving the loop closes the file.
 *
 * @throws CsvError where the file can't be read as it is, with file, line and column.
 * @example
 * for await (const row of csvRows('events.csv')) count(row);
 */
export async function* csvRows<
  S extends StandardSchemaV1 | undefined = undefined,
  const C extends CsvColumns | undefined = undefined,
>(file: CsvSource, options?: CsvOptions<S, C>): AsyncGenerator<CsvRow<S, C>, void, undefined> {
  for await (const batch of rowBatches(openSource(file), csvSettings(options))) {
    for (const { value } of batch) yield value as CsvRow<S, C>;
  }
}

/** A row as it stands in the file, and as the schema made it. */
export interface ReadRow {
  readonly text: TextRow;
  /** The text itself where there is no schema. */
  readonly value: unknown;
}

/** The rows of a source, in batches. */
export async function* rowBatches(
  source: OpenSource,
  settings: CsvSettings,
): AsyncGenerator<readonly ReadRow[]> {
  const chunks = source.chunks()[Symbol.asyncIterator]();
  try {
    yield* parsedBatches({ ...source, chunks: () => unclosed(chunks) }, settings);
  } catch (error) {
    // Damage to an artifact shows at its end: then that is the reason, and not the row it garbled.
    if (source.checkedAtEnd && error instanceof CsvError) while (!(await chunks.next()).done);
    throw error;
  } finally {
    await chunks.return?.();
  }
}

async function* unclosed<T>(iterator: AsyncIterator<T>): AsyncGenerator<T> {
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

async function* parsedBatches(source: OpenSource, settings: CsvSettings): AsyncGenerator<readonly ReadRow[]> {
  const maker = new RowMaker(source.label, settings);
  for await (const records of new RecordReader(source, settings).batches()) {
    const rows: ReadRow[] = [];
    let failure: { readonly error: unknown } | undefined;
    for (const record of records) {
      try {
        const made = maker.make(record);
        if (made === undefined) continue;
        rows.push(made instanceof Promise ? await made : made);
      } catch (error) {
        failure = { error };
        break;
      }
    }
    if (rows.length > 0) yield rows;
    if (failure) throw failure.error;
  }
  maker.end();
}

/** Makes rows of records; the first of them is the header. */
class RowMaker {
  readonly #file: string;
  readonly #settings: CsvSettings;
  #shape: RowShape | undefined;
  #schema: RowSchema | undefined;

  constructor(file: string, settings: CsvSettings) {
    this.#file = file;
    this.#settings = settings;
  }

  make(record: CsvRecord): ReadRow | Promise<ReadRow> | undefined {
    if (record.blank && this.#passesOver(record)) return undefined;
    if (this.#shape === undefined) {
      this.#shape = this.#shapeFrom(record);
      const { schema } = this.#settings;
      if (schema) this.#schema = new RowSchema(schema, this.#shape, this.#file, this.#settings);
      if (this.#settings.header) return undefined;
    }
    const text = this.#shape.row(record.cells, record.line);
    if (this.#schema === undefined) return { text, value: text };
    const value = this.#schema.check(text, record.line);
    return value instanceof Promise
      ? value.then((checked: unknown) => ({ text, value: checked }))
      : { text, value };
  }

  end(): void {
    if (this.#shape !== undefined) return;
    const expected = this.#settings.header ? 'a header row' : 'at least one row';
    const problem = `the file is empty, and ${expected} was expected. Was it written to its end?`;
    throw new CsvError('CSV_EMPTY', { file: this.#file }, problem);
  }

  #shapeFrom(record: CsvRecord): RowShape {
    const make = this.#settings.header ? RowShape.fromHeader : RowShape.withoutHeader;
    return make(this.#file, record.line(), record.cells, this.#settings);
  }

  #passesOver(record: CsvRecord): boolean {
    const { emptyLines, header, columns } = this.#settings;
    if (emptyLines === 'skip') return true;
    if (emptyLines === 'error') {
      const problem = `the line is empty, and emptyLines: 'error' allows none. Remove it.`;
      throw new CsvError('CSV_ROW_LENGTH', { file: this.#file, line: record.line() }, problem);
    }
    const named = !header && Array.isArray(columns) ? columns.length : undefined;
    // Before the header nothing is known, and a header without a name would be no use.
    return (this.#shape?.width ?? named ?? 2) > 1;
  }
}
