import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../text/width.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const ERASE_LINE_REST = '\x1b[K';
const ERASE_BELOW = '\x1b[J';

/** What a live region draws on. */
export interface LiveScreen {
  readonly columns: number;
  write(text: string): void;
}

/**
 * Lines at the bottom of a terminal that are drawn over and over, with other output passing above them.
 * Each change is one write, and nothing is erased before it is replaced, so that nothing flickers.
 */
export class LiveRegion {
  readonly #screen: LiveScreen;
  #drawn: readonly string[] = [];
  #open = true;

  constructor(screen: LiveScreen) {
    this.#screen = screen;
    screen.write(HIDE_CURSOR);
  }

  /** Replaces the lines; `above` is put over them and stays. */
  draw(lines: readonly string[], above: string = ''): void {
    if (!this.#open) return;
    const passing = above === '' || above.endsWith('\n') ? above : `${above}\n`;
    const moved = passing.replaceAll('\n', `${ERASE_LINE_REST}\n`);
    const body = lines.map((line) => `${line}${ERASE_LINE_REST}\n`).join('');
    this.#screen.write(`${this.#toTop()}${moved}${body}${ERASE_BELOW}`);
    this.#drawn = lines;
  }

  /** Leaves the last lines where they are, and gives the cursor back. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#screen.write(SHOW_CURSOR);
  }

  /** To the first of the lines, which a terminal that has become narrower shows in more rows. */
  #toTop(): string {
    const { columns } = this.#screen;
    const rows = this.#drawn.reduce((sum, line) => {
      const width = widthOf(stripVTControlCharacters(line));
      return sum + Math.max(1, Math.ceil(width / Math.max(1, columns)));
    }, 0);
    return rows === 0 ? '\r' : `\r\x1b[${rows}A`;
  }
}
