// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control sequences are what it is about
/** As much of a terminal as a live region uses: line feeds, carriage returns, cursor up, and erasing. */
export class Screen {
  columns: number;
  readonly #lines: string[] = [''];
  #row = 0;
  #column = 0;
  cursorHidden = false;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(/\x1b\[\??(\d*)([A-Za-z])|\n|\r|[^\x1b\n\r]+/g)) this.#take(piece);
  }

  /** The lines without empty ones at the end. */
  get lines(): readonly string[] {
    return this.#lines
      .join('\n')
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd());
  }

  #take(piece: string): void {
    const line = this.#lines[this.#row] ?? '';
    if (piece === '\n') {
      this.#row++;
      this.#column = 0;
      this.#lines[this.#row] ??= '';
    } else if (piece === '\r') this.#column = 0;
    else if (piece === '\x1b[?25l') this.cursorHidden = true;
    else if (piece === '\x1b[?25h') this.cursorHidden = false;
    else if (piece === '\x1b[K') this.#lines[this.#row] = line.slice(0, this.#column);
    else if (piece === '\x1b[J') {
      this.#lines[this.#row] = line.slice(0, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (piece.startsWith('\x1b[') && piece.endsWith('A')) {
      const up = Number(piece.slice(2, -1));
      if (up > this.#row) throw new Error(`Moved ${up} rows up from row ${this.#row}.`);
      this.#row -= up;
    } else if (!piece.startsWith('\x1b')) {
      this.#lines[this.#row] =
        line.padEnd(this.#column).slice(0, this.#column) + piece + line.slice(this.#column + piece.length);
      this.#column += piece.length;
    }
  }
}
