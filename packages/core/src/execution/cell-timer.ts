import { CellTimeoutError } from '../errors/run-errors.ts';

/** @internal Ends a cell that takes too long: aborts its signal, and stops waiting for it. */
export class CellTimer {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param timeout - Milliseconds. */
  constructor(timeout: number, ended: AbortSignal) {
    this.signal = AbortSignal.any([ended, this.#controller.signal]);
    this.#timer = setTimeout(() => this.#controller.abort(new CellTimeoutError(timeout)), timeout);
  }

  /** Settles as the work does, or rejects when the time is over. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(this.#controller.signal.reason);
    // The time may have run out before the work began, in a hook.
    if (this.#controller.signal.aborted) onAbort();
    else this.#controller.signal.addEventListener('abort', onAbort, { once: true });
    // Whatever the work does after its time is over concerns nobody.
    work.catch(() => {});
    return Promise.race([work, promise]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
