import { canRedraw, columnsOf, type Environment, paintFor } from '../process/terminal.ts';
import { cut } from '../text/width.ts';
import { LiveRegion } from './live-region.ts';

/** At most so often is the line drawn: 15 times a second. */
const FRAME_MS = 1000 / 15;

/** A line on standard error that tells how far something has come, and is gone at the end. */
export interface Counter extends Disposable {
  show(text: string): void;
}

/** Opens a counter; where lines can't be redrawn it shows nothing. */
export function openCounter(env: Environment): Counter {
  const { stderr } = process;
  if (!canRedraw(stderr, env)) return { show: () => {}, [Symbol.dispose]: () => {} };
  const paint = paintFor(stderr, env);
  const region = new LiveRegion({
    get columns() {
      return columnsOf(stderr);
    },
    write: (text) => {
      stderr.write(text);
    },
  });
  let drawnAt = Number.NEGATIVE_INFINITY;
  const close = () => {
    process.off('exit', close);
    region.draw([]);
    region.close();
  };
  process.on('exit', close);
  return {
    show: (text) => {
      const now = performance.now();
      if (now - drawnAt < FRAME_MS) return;
      drawnAt = now;
      region.draw([paint('faint', cut(text, columnsOf(stderr) - 1))]);
    },
    [Symbol.dispose]: close,
  };
}
