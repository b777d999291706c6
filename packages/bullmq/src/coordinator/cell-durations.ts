import type { CellRecord, CellSpec } from '@crystallize/core';

/** How much work, in milliseconds, cells that share a job may be together: so much is lost when a worker dies. */
const MOST_TOGETHER = 50;

/** How much a new cell changes what is expected of the next, when it took less, and when it took more. */
const WEIGHT_OF_LESS = 0.2;
const WEIGHT_OF_MORE = 0.5;

/** What cells have taken until now, by condition. */
export class CellDurations {
  readonly #expected = new Map<string, number>();

  /** Whether anything is known. */
  get areKnown(): boolean {
    return this.#expected.size > 0;
  }

  note({ condition, duration }: CellRecord): void {
    const known = this.#expected.get(condition);
    if (known === undefined) {
      this.#expected.set(condition, duration);
      return;
    }
    // Cells that share a job with a long one would wait for it.
    const weight = duration > known ? WEIGHT_OF_MORE : WEIGHT_OF_LESS;
    this.#expected.set(condition, known + (duration - known) * weight);
  }

  /** Which part of a job a cell is expected to fill: 1 when nothing is known of its condition. */
  share({ condition }: CellSpec): number {
    const expected = this.#expected.get(condition);
    return expected === undefined ? 1 : Math.min(1, expected / MOST_TOGETHER);
  }
}
