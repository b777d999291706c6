import type { SentCell, ToWorker } from './messages.ts';

/** @internal The cells that have been sent to this worker and wait for their turn. */
export class CellQueue {
  readonly #waiting: SentCell[] = [];
  #live = true;
  #closed = false;
  #wake: PromiseWithResolvers<void> | undefined;

  take(message: Extract<ToWorker, { type: 'cells' }>): void {
    this.#waiting.push(...message.cells);
    this.#live = message.live;
    this.#wake?.resolve();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.resolve();
  }

  /** Whether what happens in a cell is to be told at once. */
  get live(): boolean {
    return this.#live;
  }

  /** The next cell, if one is there. */
  shift(): SentCell | undefined {
    return this.#waiting.shift();
  }

  /** Waits for a cell or the end: false when there will be none. */
  async more(): Promise<boolean> {
    while (this.#waiting.length === 0) {
      if (this.#closed) return false;
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
    return true;
  }
}
