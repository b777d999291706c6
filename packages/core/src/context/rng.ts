import { hash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { InvalidArgumentError } from '../errors/invalid-argument-error.ts';

/**
 * A stream of random numbers. The same seed and name give the same stream in every process, on every
 * machine and in every release: golden values in the tests hold it.
 */
export interface Rng {
  /** Uniform in [0, 1), with 53 random bits. */
  next(): number;
  /** A whole number, uniform in [min, max], both included. @throws InvalidArgumentError unless min ≤ max are safe integers. */
  int(min: number, max: number): number;
  /** Uniform in [min, max). */
  uniform(min: number, max: number): number;
  /** Normally distributed; mean 0 and standard deviation 1 by default. */
  normal(mean?: number, sd?: number): number;
  /** `true` with probability `p`, 0.5 by default. */
  bool(p?: number): boolean;
  /** One of the items, each equally likely. @throws InvalidArgumentError for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** `count` of the items without repetition, in random order. @throws InvalidArgumentError when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
  /** The items in random order, as a new array (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** A stream of its own, derived from this one's name only: drawing from one never moves the other. */
  fork(name: string): Rng;
}

const TWO_POW_53 = 2 ** 53;

/** @internal Makes the stream of a seed and a name; two names never share a stream. */
export function createRng(seed: number, name: string): Rng {
  return new SeededRng(`crystallize:rng:1:${seed}:${name}`);
}

class SeededRng implements Rng {
  readonly #key: string;
  #generator: RandomGenerator | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  next(): number {
    return this.#bits53() / TWO_POW_53;
  }

  int(min: number, max: number): number {
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max)) {
      throw new InvalidArgumentError(
        `int(min, max) needs two whole numbers with min ≤ max, and got ${min} and ${max}.`,
      );
    }
    const span = max - min + 1;
    if (span > TWO_POW_53)
      throw new InvalidArgumentError(`int(${min}, ${max}) spans more than 2^53 numbers.`);
    // Draws beyond the last whole multiple of the span would make small numbers likelier.
    const limit = TWO_POW_53 - (TWO_POW_53 % span);
    for (;;) {
      const bits = this.#bits53();
      if (bits < limit) return min + (bits % span);
    }
  }

  uniform(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  normal(mean = 0, sd = 1): number {
    // Box–Muller without its second value, so that each call takes two draws, whatever came before.
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + sd * radius * Math.cos(2 * Math.PI * this.next());
  }

  bool(p = 0.5): boolean {
    return this.next() < p;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new InvalidArgumentError('pick() needs at least one item, and got none.');
    return items[this.int(0, items.length - 1)] as T;
  }

  sample<T>(items: readonly T[], count: number): T[] {
    if (!(Number.isInteger(count) && count >= 0 && count <= items.length)) {
      throw new InvalidArgumentError(
        `sample() can take 0 to ${items.length} of ${items.length} items, and was asked for ${count}.`,
      );
    }
    const pool = [...items];
    for (let index = 0; index < count; index++) this.#swap(pool, index, this.int(index, pool.length - 1));
    return pool.slice(0, count);
  }

  shuffle<T>(items: readonly T[]): T[] {
    return this.sample(items, items.length);
  }

  fork(name: string): Rng {
    return new SeededRng(`${this.#key}/${name}`);
  }

  #swap<T>(items: T[], a: number, b: number): void {
    const kept = items[a] as T;
    items[a] = items[b] as T;
    items[b] = kept;
  }

  #bits53(): number {
    // Made at the first draw: most streams of most cells are never asked.
    this.#generator ??= generatorOf(this.#key);
    const high = this.#generator.next() >>> 5;
    const low = this.#generator.next() >>> 6;
    return high * 67108864 + low;
  }
}

/** The whole 128-bit state comes from sha256: a 32-bit seed would give some names one stream. */
function generatorOf(key: string): RandomGenerator {
  const digest = hash('sha256', key, 'buffer');
  return xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
}
