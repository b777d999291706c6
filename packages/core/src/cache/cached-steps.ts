import { createHash } from 'node:crypto';
import { CrystallizeError } from '../errors/crystallize-error.ts';
import { bytesObject, entryObject, readsFolder } from './cache-keys.ts';
import { type CachedArtifact, type CachedStep, decodeCachedStep } from './cached-step.ts';
import {
  entryKey,
  parseReadSet,
  type ReadableCell,
  type ReadSet,
  readSetName,
  type SetupSource,
  valueOfRead,
} from './context-reads.ts';
import { seal, unseal } from './sealed-object.ts';
import type { StepCache } from './step-cache.ts';
import { keyOf } from './step-key.ts';

/** @internal What a search came to. */
export interface Found {
  readonly step: CachedStep | undefined;
  /** Whether something damaged was met. */
  readonly damaged: boolean;
  /** Names of the sets of reads that are known of the step. */
  readonly known: ReadonlySet<string>;
  /** Equal for cells that nothing known of the step tells apart: they most likely need the same result. */
  readonly likeness: string;
}

/** @internal The objects of an entry, sealed and ready to be kept. */
export interface SealedEntry {
  readonly reads: ReadSet;
  readonly key: string;
  readonly entry: Uint8Array;
}

/**
 * @internal What steps did, in a cache. A step is found in two turns, since what it reads through its
 * context is known only once it has run: by what is known before there is a list of the sets of things
 * that runs of it have read; and for each such set an entry, by what the cell has there. So cells that
 * differ in nothing that the step has read share an entry, and those that differ never do.
 */
export class CachedSteps {
  readonly #cache: StepCache;
  /** By name, which is that of their content: few, and the same for many cells. */
  readonly #readSets = new Map<string, ReadSet>();

  constructor(cache: StepCache) {
    this.#cache = cache;
  }

  async find(step: string, cell: ReadableCell, setup: SetupSource): Promise<Found> {
    const known = new Set<string>();
    const keys: string[] = [];
    let damaged = false;
    let found: CachedStep | undefined;
    for (const name of await this.#cache.names(readsFolder(step))) {
      const reads = await this.#readSet(step, name);
      damaged ||= reads === undefined;
      if (!reads) continue;
      known.add(name);
      const key = keyIn(cell, step, reads, setup);
      if (key === undefined) continue;
      keys.push(key);
      const bytes = await this.#cache.get(entryObject(key));
      found = bytes && decodeCachedStep(key, unseal(bytes));
      damaged ||= bytes !== undefined && found === undefined;
      if (found) break;
    }
    const likeness = keys.length > 0 ? keyOf(['like', ...keys.sort()]) : step;
    return { step: found, damaged, known, likeness };
  }

  /** Keeps an entry; last what leads to it. Its artifacts must be there. */
  async keep(step: string, { reads, key, entry }: SealedEntry, known: ReadonlySet<string>): Promise<void> {
    await this.#cache.put(entryObject(key), entry);
    const name = readSetName(reads);
    if (!known.has(name)) await this.#cache.put(`${readsFolder(step)}/${name}`, seal({ reads }));
  }

  async keepBytes(sha256: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#cache.put(bytesObject(sha256), bytes);
  }

  /** The bytes of an artifact. @throws DamagedBytes at the end, or at once, when they are not those. */
  async *bytes({ size, sha256 }: CachedArtifact): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256');
    let length = 0;
    try {
      for await (const piece of this.#cache.stream(bytesObject(sha256))) {
        length += piece.byteLength;
        hash.update(piece);
        yield piece;
      }
    } catch (error) {
      throw error instanceof CrystallizeError && error.code === 'OBJECT_MISSING' ? new DamagedBytes() : error;
    }
    if (length !== size || hash.digest('hex') !== sha256) throw new DamagedBytes();
  }

  async #readSet(step: string, name: string): Promise<ReadSet | undefined> {
    const known = this.#readSets.get(name);
    if (known) return known;
    const bytes = await this.#cache.get(`${readsFolder(step)}/${name}`);
    const reads = bytes && parseReadSet(unseal(bytes));
    if (!reads || readSetName(reads) !== name) return undefined;
    this.#readSets.set(name, reads);
    return reads;
  }
}

/** @internal The bytes of an artifact in the cache are missing, or not those that were kept. */
export class DamagedBytes extends Error {}

/** The key of the entry that fits a cell; `undefined` when something in the cell can't be compared. */
function keyIn(cell: ReadableCell, step: string, reads: ReadSet, setup: SetupSource): string | undefined {
  try {
    return entryKey(
      step,
      reads,
      reads.map((read) => valueOfRead(read, cell, setup)),
    );
  } catch {
    // The step runs, and if it reads that, the reason is told then.
    return undefined;
  }
}
