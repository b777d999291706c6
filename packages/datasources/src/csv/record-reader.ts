import { ByteWindow } from './byte-window.ts';
import { CsvError, quoted } from './csv-error.ts';
import type { CsvSettings } from './csv-settings.ts';
import type { OpenSource } from './csv-source.ts';
import { type Cells, RecordParser } from './record-parser.ts';
import { InvalidBytes, utf8Pieces } from './text-bytes.ts';

/** One row as text, and where it stands. */
export interface CsvRecord {
  readonly cells: Cells;
  /** Whether its line is empty: no cell at all, not even `""`. */
  readonly blank: boolean;
  /** Physical line from 1, of the first line of the row. Counted when asked for. */
  readonly line: () => number;
}

/**
 * Reads the rows of a source as text, a piece of the file at a time.
 * @throws CsvError for bytes and quotes that are wrong, with their line; what precedes them comes first.
 */
export class RecordReader {
  readonly #source: OpenSource;
  readonly #settings: CsvSettings;
  readonly #window: ByteWindow = new ByteWindow();
  readonly #comment: Uint8Array | undefined;
  readonly #quote: Uint8Array | undefined;
  /** End of the last row that was handed on. */
  #handedOn = 0;

  constructor(source: OpenSource, settings: CsvSettings) {
    this.#source = source;
    this.#settings = settings;
    this.#comment = settings.comment === undefined ? undefined : Buffer.from(settings.comment);
    this.#quote = settings.quote === false ? undefined : Buffer.from(settings.quote);
  }

  /** The rows, in batches of those that one piece of the file completes. Valid until the next batch. */
  async *batches(): AsyncGenerator<readonly CsvRecord[]> {
    const parser = new RecordParser(this.#settings);
    try {
      for await (const piece of this.#pieces()) {
        this.#window.append(piece);
        await parser.write(piece);
        yield* this.#batch(parser);
        this.#check(parser);
        this.#window.release(this.#handedOn);
      }
      await parser.end();
      yield* this.#batch(parser);
      this.#check(parser);
    } finally {
      parser.close();
    }
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    const { encoding } = this.#settings;
    try {
      yield* utf8Pieces(this.#source.chunks(), encoding, this.#source.label);
    } catch (cause) {
      if (!(cause instanceof InvalidBytes)) throw cause;
      const line = this.#window.lineAt(cause.offset ?? this.#window.end);
      const advice = `Save the file as ${encoding}, or give the encoding it has, such as encoding: 'windows-1252'`;
      const problem = `${cause.message}. ${advice}.`;
      throw new CsvError('CSV_ENCODING', { file: this.#source.label, line }, problem, { cause });
    }
  }

  *#batch(parser: RecordParser): Generator<readonly CsvRecord[]> {
    const { rows, ends } = parser.take();
    if (rows.length === 0) return;
    const batch: CsvRecord[] = [];
    for (const [i, cells] of rows.entries()) batch.push(this.#record(cells, ends[i] as number));
    yield batch;
  }

  #record(cells: Cells, end: number): CsvRecord {
    const start = this.#handedOn;
    this.#handedOn = end;
    const { maxRowBytes } = this.#settings;
    // Comments and empty lines before the row are none of it.
    if (end - start > maxRowBytes && end - this.#contentFrom(start) > maxRowBytes) throw this.#tooLong(start);
    const blank = cells.length === 1 && cells[0] === '' && this.#contentFrom(start) >= end;
    const line = (): number => this.#window.lineAt(blank ? end - 1 : this.#contentFrom(start));
    return { cells, blank, line };
  }

  #check(parser: RecordParser): void {
    const code = parser.fault?.code;
    if (code === undefined) return;
    const { label: file } = this.#source;
    // The parser has stopped in a cell that begins behind the last delimiter, or with the row.
    const row = this.#contentFrom(this.#handedOn);
    const cell = parser.offset > row ? parser.offset + Buffer.byteLength(this.#settings.delimiter) : row;
    const line = this.#window.lineAt(cell);
    if (code === 'CSV_MAX_RECORD_SIZE') throw this.#tooLong(this.#handedOn);
    if (code === 'CSV_QUOTE_NOT_CLOSED') {
      const found = quoted(this.#textFrom(cell));
      const problem = `the quote that opens here is never closed: ${found}. Close it, or double a quote that is part of the text.`;
      throw new CsvError('CSV_QUOTE', { file, line }, problem);
    }
    if (code === 'INVALID_OPENING_QUOTE') {
      const found = quoted(this.#textFrom(cell));
      const problem = `a quote stands inside a cell that does not begin with one: ${found}. Wrap the whole cell in quotes and double those inside, or give quote: false.`;
      throw new CsvError('CSV_QUOTE', { file, line }, problem);
    }
    if (code === 'CSV_INVALID_CLOSING_QUOTE') {
      const at = this.#closingQuote(cell);
      const problem = `after the quote that closes a cell a delimiter or the end of the line was expected, and ${quoted(this.#textFrom(at))} was found (the cell begins in line ${line}). Double a quote that is part of the text.`;
      throw new CsvError('CSV_QUOTE', { file, line: this.#window.lineAt(at) }, problem);
    }
    throw new CsvError('CSV_UNREADABLE', { file, line }, `the parser stopped with ${code}.`);
  }

  #contentFrom(offset: number): number {
    return this.#window.contentFrom(offset, this.#comment);
  }

  #tooLong(start: number): CsvError {
    const { maxRowBytes, delimiter } = this.#settings;
    const line = this.#window.lineAt(this.#contentFrom(start));
    const problem = `the row that begins here is longer than ${maxRowBytes} bytes. Is a quote never closed, or is this no file with ${quoted(delimiter)} between its cells? If the row is right, raise maxRowBytes.`;
    return new CsvError('CSV_ROW_TOO_LONG', { file: this.#source.label, line }, problem);
  }

  /** What begins at an offset, to the end of its line, for a message. */
  #textFrom(offset: number): string {
    const bytes: number[] = [];
    for (let at = offset; bytes.length < 200; at += 1) {
      const byte = this.#window.at(at);
      if (byte === undefined || byte === 10 || byte === 13) break;
      bytes.push(byte);
    }
    return Buffer.from(bytes).toString();
  }

  /** Offset of the quote that ends the quoted cell at an offset. */
  #closingQuote(cell: number): number {
    const quote = this.#quote ?? Buffer.from('"');
    let at = cell + quote.length;
    while (at < this.#window.end) {
      if (!this.#window.startsWith(quote, at)) at += 1;
      else if (this.#window.startsWith(quote, at + quote.length)) at += 2 * quote.length;
      else return at;
    }
    return cell;
  }
}
