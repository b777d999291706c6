/** Large enough to be few, small enough that growing never copies much. */
const CHUNK = 4096;

/** @internal Numbers by index, outside the JavaScript heap: it grows by chunks, and is never copied. */
export class NumberColumn {
  readonly #chunks: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** 0 where nothing was set. */
  get(index: number): number {
    return this.#chunks[Math.floor(index / CHUNK)]?.[index % CHUNK] ?? 0;
  }

  set(index: number, value: number): void {
    while (this.#chunks.length * CHUNK <= index) this.#chunks.push(new Float64Array(CHUNK));
    (this.#chunks[Math.floor(index / CHUNK)] as Float64Array)[index % CHUNK] = value;
    if (index >= this.#length) this.#length = index + 1;
  }

  push(value: number): void {
    this.set(this.#length, value);
  }
}

/** @internal Values of any kind by index; numbers among their like take 8 bytes each. */
export class ValueColumn {
  readonly #chunks: unknown[][] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get(index: number): unknown {
    return this.#chunks[Math.floor(index / CHUNK)]?.[index % CHUNK];
  }

  push(value: unknown): void {
    if (this.#length % CHUNK === 0) this.#chunks.push([]);
    this.#chunks.at(-1)?.push(value);
    this.#length++;
  }
}
