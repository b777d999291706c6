/** 2^12: large enough to be few, small enough that growing never copies much. */
const BITS = 12;
const CHUNK = 1 << BITS;

/** @internal The place of a number within its chunk: `place & WITHIN`. */
export const WITHIN: number = CHUNK - 1;

/**
 * @internal Numbers by place, outside the JavaScript heap: it grows by chunks, and is never copied.
 * Rows are written straight into their chunk, since a call for each number costs more than the number.
 */
export class NumberColumn {
  readonly #chunks: Float64Array[] = [];
  #length = 0;

  /** The number at a place; 0 where nothing was written. */
  get(place: number): number {
    return this.#chunks[place >>> BITS]?.[place & WITHIN] ?? 0;
  }

  /** Takes the next places for a row, all in one chunk; returns the first. @throws RangeError for over 4096. */
  reserve(count: number): number {
    if (count > CHUNK) throw new RangeError(`A row has at most ${CHUNK} numbers, and this one has ${count}.`);
    // What is left of a chunk that is too short for the row stays unused.
    const place = (this.#length & WITHIN) + count > CHUNK ? (this.#length | WITHIN) + 1 : this.#length;
    this.#length = place + count;
    return place;
  }

  /** The chunk that a place lies in. */
  chunk(place: number): Float64Array {
    const index = place >>> BITS;
    while (this.#chunks.length <= index) this.#chunks.push(new Float64Array(CHUNK));
    return this.#chunks[index] as Float64Array;
  }
}

/** @internal Values of any kind by place; numbers among their like take 8 bytes each. */
export class ValueColumn {
  readonly #chunks: unknown[][] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get(place: number): unknown {
    return this.#chunks[place >>> BITS]?.[place & WITHIN];
  }

  push(value: unknown): void {
    if ((this.#length & WITHIN) === 0) this.#chunks.push([]);
    this.#chunks[this.#length >>> BITS]?.push(value);
    this.#length++;
  }
}
