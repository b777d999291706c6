import { createHash } from 'node:crypto';
import { InvalidArgumentError, type StoredObject } from '@crystallize/core/storage';

/** A stretch of a body. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** Lets a later part have the memory. To be called when the bytes are needed no more. */
  release(): void;
}

/** Cuts a body into parts of one size, of which only the last, or only, one may be smaller. */
export class Parts {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #size: number;
  readonly #hash = createHash('sha256');
  readonly #free: Buffer[] = [];
  /** What came with the end of the last part, and is the next one's. */
  #rest: Uint8Array = new Uint8Array();
  #length = 0;
  #count = 0;
  #hasEnded = false;

  constructor(source: AsyncIterable<Uint8Array>, size: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#size = size;
  }

  /** Whether there is no more part. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Of all parts until now. */
  get stored(): StoredObject {
    return { size: this.#length, sha256: this.#hash.copy().digest('hex') };
  }

  /** The next part; it is empty where the body has come to its end. */
  async next(): Promise<Part> {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
    let filled = 0;
    while (filled < this.#size && !this.#hasEnded) {
      if (this.#rest.length === 0) await this.#pull();
      const taken = this.#rest.subarray(0, this.#size - filled);
      buffer.set(taken, filled);
      filled += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    const bytes = buffer.subarray(0, filled);
    this.#hash.update(bytes);
    this.#length += filled;
    this.#count += 1;
    return { number: this.#count, bytes, release: () => this.#free.push(buffer) };
  }

  /** Tells the body that nothing more is wanted of it. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.#source.return?.();
  }

  async #pull(): Promise<void> {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await this.#source.next();
    } catch (error) {
      this.#hasEnded = true;
      throw error;
    }
    if (next.done) {
      this.#hasEnded = true;
      return;
    }
    if (!(next.value instanceof Uint8Array)) {
      await this.stop();
      throw new InvalidArgumentError(
        `A piece of the body is ${typeof next.value}; each must be a Uint8Array.`,
      );
    }
    this.#rest = next.value;
  }
}
