import type { EventListener } from '@crystallize/core';
import { captureWrites } from '../process/streams.ts';
import { canRedraw, columnsOf, type Environment, paintFor } from '../process/terminal.ts';
import { bars } from './bars.ts';
import { EventNotes } from './event-notes.ts';
import { LiveRegion } from './live-region.ts';
import { PlainProgress } from './plain-progress.ts';
import { Progress } from './run-progress.ts';

/** At most so often are bars drawn: 15 times a second. */
const FRAME_MS = 1000 / 15;

/** Shows on standard error how a run goes on. */
export interface Reporter {
  readonly progress: Progress;
  readonly listener: EventListener;
  /** Shows a line of this command's own. */
  note(line: string): void;
  /** Ends it; the streams and the cursor are as they were. */
  close(): void;
}

/** What a reporter is to know. */
export interface ReporterOptions {
  /** Of each experiment, in the order in which they can run. */
  readonly names: readonly string[];
  readonly verbose: boolean;
  readonly env: Environment;
}

/** Bars on a terminal, lines elsewhere. */
export function openReporter(options: ReporterOptions): Reporter {
  return canRedraw(process.stderr, options.env) ? openBars(options) : openLines(options);
}

function openLines({ names, verbose, env }: ReporterOptions): Reporter {
  const progress = new Progress(names);
  const plain = new PlainProgress();
  const notes = new EventNotes(paintFor(process.stderr, env), { named: names.length > 1, verbose });
  const note = (line: string | undefined) => {
    if (line !== undefined) process.stderr.write(`${line}\n`);
  };
  return {
    progress,
    note,
    listener: (event, experiment) => {
      const now = performance.now();
      const run = progress.take(event, experiment, now);
      note(notes.of(event, experiment));
      const { type } = event;
      if (type === 'run:start' || type === 'cell:end' || type === 'run:end') note(plain.line(run, type, now));
    },
    close: () => {},
  };
}

function openBars({ names, verbose, env }: ReporterOptions): Reporter {
  const { stderr, stdout } = process;
  const paint = paintFor(stderr, env);
  const progress = new Progress(names);
  const notes = new EventNotes(paint, { named: names.length > 1, verbose });
  const write = stderr.write.bind(stderr);
  const screen = {
    get columns() {
      return columnsOf(stderr);
    },
    write: (text: string) => {
      write(text);
    },
  };
  const region = new LiveRegion(screen);
  let waiting = '';
  let drawnAt = 0;
  const draw = (everything = false) => {
    drawnAt = performance.now();
    // A line that has not ended yet waits for its end.
    const end = everything ? waiting.length : waiting.lastIndexOf('\n') + 1;
    const space = { columns: screen.columns, rows: stderr.rows };
    region.draw(bars(progress.runs, space, drawnAt, paint), waiting.slice(0, end));
    waiting = waiting.slice(end);
  };
  // What steps compute may keep timers waiting, so that events draw as well.
  const drawSoon = () => {
    if (performance.now() - drawnAt >= FRAME_MS) draw();
  };
  const pass = (text: string) => {
    waiting += text;
    drawSoon();
  };
  const streams = [stderr, ...(stdout.isTTY ? [stdout] : [])];
  const releases = streams.map((stream) => captureWrites(stream, pass));
  const timer = setInterval(drawSoon, FRAME_MS).unref();
  const onResize = () => draw();
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    stderr.off('resize', onResize);
    process.off('exit', close);
    draw(true);
    region.close();
    for (const release of releases) release();
  };
  stderr.on('resize', onResize);
  process.on('exit', close);
  return {
    progress,
    close,
    note: (line) => pass(`${line}\n`),
    listener: (event, experiment) => {
      progress.take(event, experiment, performance.now());
      const line = notes.of(event, experiment);
      if (line === undefined) drawSoon();
      else pass(`${line}\n`);
    },
  };
}
