import { WorkerDiedError } from '../errors/worker-errors.ts';
import { asError, messageOf, reviveError } from '../plugin/error-record.ts';
import type { LastWords } from './messages.ts';

/** How long the pool gets to tell why a thread is gone that has not said so itself: its memory is freed before. */
const TELL_MS = 2000;

/** @internal What is known of how a worker ended. */
export class WorkerEnd {
  #told: LastWords | undefined;
  #rejection: unknown;
  #reason: Error | undefined;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  /** The worker has said, with its last words, what ends it. */
  told(message: LastWords): void {
    this.#told ??= message;
  }

  /** What it said; `undefined` where it has ended without a word. */
  get lastWords(): LastWords | undefined {
    return this.#told;
  }

  /** Its task has ended. */
  over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** The pool has seen it end. */
  rejected(error: unknown): void {
    this.over();
    this.#rejection ??= error;
  }

  /** It is about to be ended on purpose. */
  because(reason: Error): void {
    this.#reason ??= reason;
  }

  /** The thread is gone; tinypool does not notice where it has called `process.exit`. */
  noticeGone(giveUp: () => void): void {
    if (!this.#isOver) this.#timer = setTimeout(giveUp, this.#told ? 0 : TELL_MS);
  }

  /** @param step - Where its cell was. */
  error(step: string | undefined): Error {
    return this.#reason ?? this.lost(step);
  }

  /** The same, whatever it was ended for. */
  lost(step: string | undefined): WorkerDiedError {
    const where = step === undefined ? '' : ` in the step '${step}'`;
    if (this.#told?.type === 'exit') {
      const { code = 0, stack } = this.#told;
      const call = new Error(`process.exit(${code}) was called${where}`);
      Object.defineProperty(call, 'stack', { value: stack, writable: true, configurable: true });
      return new WorkerDiedError(`process.exit(${code}) was called${where}`, { cause: call });
    }
    if (this.#told) {
      const cause = reviveError(this.#told.error);
      return new WorkerDiedError(`nobody caught what was thrown there: ${cause.message}`, { cause });
    }
    const cause = asError(this.#rejection ?? new Error('Nothing is known of why.'));
    return new WorkerDiedError(reasonOf(cause, where), { cause });
  }
}

function reasonOf(cause: Error, where: string): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return `it ran out of memory${where}`;
  if (cause.name === 'AbortError') return `its thread ended without a word${where}`;
  if (messageOf(cause) === 'Worker exited unexpectedly') {
    return `its process was killed, or crashed${where}`;
  }
  return `${messageOf(cause).replace(/\.$/, '')}${where}`;
}
