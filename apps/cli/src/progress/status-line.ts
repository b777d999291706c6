import { captureWrites } from '../process/streams.ts';
import { canRedraw, columnsOf, type Environment, paintFor } from '../process/terminal.ts';
import { cut } from '../text/width.ts';
import { LiveRegion } from './live-region.ts';

/** At most so often is the line drawn: 15 times a second. */
const FRAME_MS = 1000 / 15;

/** A line at the bottom of the terminal with notes that pass above it; elsewhere only the notes. */
export interface StatusLine extends Disposable {
  /** Whether there is a line that is redrawn. */
  readonly live: boolean;
  /** Says something that stays. */
  note(text: string): void;
  /** The line has to be drawn again. */
  changed(): void;
}

/** Opens it on standard error; `line` gives what it shows. */
export function openStatusLine(env: Environment, line: () => string): StatusLine {
  const { stderr, stdout } = process;
  if (!canRedraw(stderr, env)) {
    const note = (text: string) => {
      stderr.write(`${text}\n`);
    };
    return { live: false, note, changed: () => {}, [Symbol.dispose]: () => {} };
  }
  const paint = paintFor(stderr, env);
  const write = stderr.write.bind(stderr);
  const region = new LiveRegion({
    get columns() {
      return columnsOf(stderr);
    },
    write: (text) => {
      write(text);
    },
  });
  let passing = '';
  let stale = true;
  const draw = () => {
    stale = false;
    // A line that has not ended yet waits for its end.
    const end = passing.lastIndexOf('\n') + 1;
    region.draw([paint('faint', cut(line(), columnsOf(stderr) - 1))], passing.slice(0, end));
    passing = passing.slice(end);
  };
  const pass = (text: string) => {
    passing += text;
    stale = true;
  };
  // What cells print goes by above the line.
  const releases = [stderr, ...(stdout.isTTY ? [stdout] : [])].map((stream) => captureWrites(stream, pass));
  const timer = setInterval(() => {
    if (stale) draw();
  }, FRAME_MS).unref();
  const close = () => {
    clearInterval(timer);
    process.off('exit', close);
    if (passing !== '' && !passing.endsWith('\n')) passing += '\n';
    draw();
    region.close();
    for (const release of releases) release();
  };
  process.on('exit', close);
  draw();
  return {
    live: true,
    note: (text) => {
      pass(`${text}\n`);
      draw();
    },
    changed: () => {
      stale = true;
    },
    [Symbol.dispose]: close,
  };
}
