import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long cells may run on end, before timers, signals and the terminal get their turn. */
const LONGEST_MS = 15;

/** @internal Lets the event loop turn now and then: promises alone never do. */
export class Breather {
  #last = performance.now();

  /** A promise when it is time to wait for a turn; else nothing, which costs nothing. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#last > LONGEST_MS ? this.#turn() : undefined;
  }

  async #turn(): Promise<void> {
    await nextTurn();
    this.#last = performance.now();
  }
}
