/** Cells that take longer are handed out one by one, and everything in them is told at once. */
const LONG_MS = 5;

/** As much work as a worker may have before it, in milliseconds. */
const AHEAD_MS = 10;

const MOST_AHEAD = 512;

/** How much the newest cell counts in the mean. */
const WEIGHT = 0.2;

/**
 * @internal How many cells a worker is given at a time: one, unless they are so small that it would
 * wait for the next longer than it works.
 */
export class LanePace {
  #mean: number | undefined;

  /** @param duration - Milliseconds that a cell took, its way to the pool included. */
  note(duration: number): void {
    this.#mean = this.#mean === undefined ? duration : this.#mean + WEIGHT * (duration - this.#mean);
  }

  /** How many cells a worker may have at a time. */
  get depth(): number {
    if (this.live) return 1;
    return Math.min(MOST_AHEAD, Math.ceil(AHEAD_MS / Math.max(this.#mean as number, 0.001)));
  }

  /** Whether cells are long enough for each message of theirs to be sent at once. */
  get live(): boolean {
    return this.#mean === undefined || this.#mean >= LONG_MS;
  }
}
