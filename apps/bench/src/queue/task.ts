/** What a program of this benchmark is to do, as the harness hands it over. */
export interface QueueTask {
  /** URL of the Redis. */
  readonly connection: string;
  /** Unique to this measurement. */
  readonly queue: string;
  /** How many cells, or jobs. */
  readonly count: number;
  /** How many run at the same time, in one worker process. */
  readonly concurrency: number;
}

/** Of the cells or jobs of a run: when half of them, and when all, were known to be done. */
export class DoneTimes {
  readonly #half: number;
  #halfAt = 0n;
  #lastAt = 0n;
  #count = 0;

  /** @param total - How many there are. */
  constructor(total: number) {
    this.#half = Math.floor(total / 2);
  }

  note(): void {
    this.#lastAt = process.hrtime.bigint();
    if (++this.#count === this.#half) this.#halfAt = this.#lastAt;
  }

  get count(): number {
    return this.#count;
  }

  /** What each of the second half took: in the first, workers are still being started. */
  get microsecondsEach(): number {
    return Number(this.#lastAt - this.#halfAt) / 1000 / (this.#count - this.#half);
  }
}
