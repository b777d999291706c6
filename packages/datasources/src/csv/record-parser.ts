import { Parser } from 'csv-parse';
import type { CsvSettings } from './csv-settings.ts';

/** Cells of one row, as text. */
export type Cells = readonly string[];

/** What csv-parse says when it can't go on. */
export interface ParserFault {
  readonly code: string;
}

/**
 * csv-parse without its queue of objects: rows are collected as they are parsed, each with the offset
 * of its end in the stream, which is what errors need and costs nothing.
 */
export class RecordParser {
  readonly #parser: CollectingParser;
  #fault: ParserFault | undefined;

  constructor(settings: CsvSettings) {
    this.#parser = new CollectingParser({
      bom: false,
      delimiter: settings.delimiter,
      quote: settings.quote === false ? null : settings.quote,
      escape: settings.quote === false ? null : settings.quote,
      comment: settings.comment ?? null,
      comment_no_infix: true,
      // Named, not detected: with detection by the first line, a CR before a later LF stays in the cell.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: settings.maxRowBytes,
    });
    // Each fault also reaches the callback of the write that met it.
    this.#parser.on('error', () => {});
  }

  /** Rows that were completed since they were last taken, and where each ends. */
  take(): { readonly rows: Cells[]; readonly ends: number[] } {
    return this.#parser.collected();
  }

  /** How far it got: the end of the last row, or the last delimiter behind it. */
  get offset(): number {
    return this.#parser.info.bytes;
  }

  /** Why parsing stopped. */
  get fault(): ParserFault | undefined {
    return this.#fault;
  }

  /** Parses a piece, as far as it is well formed. */
  write(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#parser.write(piece, (fault) => this.#settle(fault, resolve));
    });
  }

  /** Parses what is left when no piece follows. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#parser.end((fault?: Error | null) => this.#settle(fault, resolve));
    });
  }

  close(): void {
    this.#parser.destroy();
  }

  #settle(fault: Error | null | undefined, resolve: () => void): void {
    if (fault) this.#fault = { code: 'code' in fault ? String(fault.code) : fault.message };
    resolve();
  }
}

class CollectingParser extends Parser {
  #rows: Cells[] = [];
  #ends: number[] = [];

  collected(): { rows: Cells[]; ends: number[] } {
    const taken = { rows: this.#rows, ends: this.#ends };
    this.#rows = [];
    this.#ends = [];
    return taken;
  }

  override push(row: Cells | null): boolean {
    if (row === null) return super.push(null);
    this.#rows.push(row);
    this.#ends.push(this.info.bytes);
    return true;
  }
}
