import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long cells may run on end, before timers, signals and the terminal get their turn. */
const LONGEST_MS = 15;

/** @internal Lets the event loop turn now and then: promises alone never do. */
export class Breather {
  #busy = 0;

  /**
   * Counts the time that a cell took; a promise when it is time to wait for a turn, else nothing,
   * which costs nothing.
   */
  pauseAfter(duration: number): Promise<void> | undefined {
    this.#busy += duration;
    return this.#busy > LONGEST_MS ? this.#turn() : undefined;
  }

  async #turn(): Promise<void> {
    this.#busy = 0;
    await nextTurn();
  }
}
