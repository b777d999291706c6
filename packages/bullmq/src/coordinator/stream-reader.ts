import type { Redis } from 'ioredis';

/** Entries that are read at once. */
const AT_ONCE = 200;

/** How long Redis lets a read wait for an entry, in milliseconds. */
const LONGEST_WAIT = 5000;

/** An entry of a stream: its id, and names and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** Where the reading of a stream begins, and what takes its entries. */
export interface ReadStream {
  readonly key: string;
  /** Entries after this one are read; `0` for all. */
  readonly after: string;
  entry(entry: StreamEntry): void;
}

/**
 * Reads streams as entries come, over a connection of its own. Whatever was added before it listened is
 * read as well, and an entry that is there is never missed: nothing has to be asked for a second time.
 */
export class StreamReader {
  readonly #redis: Redis;
  readonly #streams: readonly (ReadStream & { after: string })[];
  #closed = false;

  /** @param redis - Closed by {@link close}. */
  constructor(redis: Redis, streams: readonly ReadStream[]) {
    this.#redis = redis;
    // It is opened again by itself, and watched where the run's own connection is.
    this.#redis.on('error', () => {});
    this.#streams = streams.map((stream) => ({
      key: stream.key,
      after: stream.after,
      entry: (entry) => stream.entry(entry),
    }));
  }

  /** @param onFailure - Told once, when reading can't go on. */
  start(onFailure: (error: Error) => void): void {
    this.#read().catch((error: Error) => {
      if (!this.#closed) onFailure(error);
    });
  }

  /** No entry comes after this. */
  close(): void {
    this.#closed = true;
    this.#redis.disconnect();
  }

  async #read(): Promise<void> {
    const byKey = new Map(this.#streams.map((stream) => [stream.key, stream]));
    while (!this.#closed) {
      const keys = this.#streams.map(({ key }) => key);
      const after = this.#streams.map((stream) => stream.after);
      const answer = await this.#redis.xread(
        'COUNT',
        AT_ONCE,
        'BLOCK',
        LONGEST_WAIT,
        'STREAMS',
        ...keys,
        ...after,
      );
      if (this.#closed) return;
      for (const [key, entries] of answer ?? []) {
        const stream = byKey.get(key);
        for (const entry of entries) {
          if (stream) stream.after = entry[0];
          stream?.entry(entry);
        }
      }
    }
  }
}

/** All that a stream holds by now. */
export async function readAll(redis: Redis, key: string): Promise<readonly StreamEntry[]> {
  const found: StreamEntry[] = [];
  for (let after = '-'; ; ) {
    const entries = await redis.xrange(key, after, '+', 'COUNT', AT_ONCE);
    found.push(...entries);
    const last = entries.at(-1);
    if (!last || entries.length < AT_ONCE) return found;
    after = `(${last[0]}`;
  }
}
