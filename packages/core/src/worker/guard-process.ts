import { isMainThread, Worker } from 'node:worker_threads';
import { asError, recordError } from '../plugin/error-record.ts';
import type { LastWords } from './messages.ts';

/** Between two looks at whether the main process is there. */
const WATCH_MS = 500;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** @internal Why a worker ends early. */
export type EarlyEnd = Without<LastWords, 'cell' | 'step'>;

/** Whom to tell; the guards themselves are set up once. */
let tell: ((end: EarlyEnd) => void) | undefined;
let guarded = false;

/**
 * @internal Sees to it that whatever ends this worker is told first: a thread that calls
 * `process.exit` would otherwise be gone without a word.
 */
export function guardProcess(listener: (end: EarlyEnd) => void): void {
  tell = listener;
  if (guarded) return;
  guarded = true;
  const exit = process.exit;
  process.exit = (code) => {
    tell?.({ type: 'exit', code: code ?? process.exitCode ?? undefined, stack: new Error().stack });
    return exit(code);
  };
  const crash = (error: unknown) => {
    tell?.({ type: 'crash', error: recordError(asError(error)) });
    exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  if (!isMainThread) return;
  // Ctrl-C reaches every process of a terminal: the main process decides what becomes of this one.
  // biome-ignore lint/plugin: this is a worker's own process, which the pool ends.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => exit(0));
  endWithParent();
}

/** A cell that never waits would keep the word of the main process's end from coming in: a thread watches for it. */
function endWithParent(): void {
  // Of this moment: by the time that the thread is there, it may have another parent already.
  const { ppid } = process;
  const watch = `
    setInterval(() => {
      if (process.ppid !== ${ppid}) process.kill(process.pid, 'SIGKILL');
    }, ${WATCH_MS});
  `;
  new Worker(watch, { eval: true, execArgv: [], stdout: false, stderr: false }).unref();
}
