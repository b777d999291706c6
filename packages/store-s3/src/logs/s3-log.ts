import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StorageError, type StoreLog } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { putOnce } from '../bucket/put-once.ts';
import { pieceKey } from './log-pieces.ts';

/** Puts one object in the place of the pieces of a log. */
export type ReplacePieces = (pieces: number, size: number, sha256: string) => Promise<void>;

/**
 * A log of which this process is the only writer. What is appended while a piece is under way goes together
 * into the next. Once something failed, nobody can know what the log holds, so it stays broken: every
 * later append rejects with the first error.
 */
export class S3Log implements StoreLog {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #id: string;
  readonly #replacePieces: ReplacePieces;
  readonly #hash = createHash('sha256');
  #length = 0;
  #pieces = 0;
  #next: Batch | undefined;
  #running: Promise<void> | undefined;
  #broken: unknown;
  #closing: Promise<void> | undefined;

  constructor(bucket: Bucket, key: string, id: string, replacePieces: ReplacePieces) {
    this.#bucket = bucket;
    this.#key = key;
    this.#id = id;
    this.#replacePieces = replacePieces;
  }

  append(bytes: Uint8Array): Promise<void> {
    if (this.#closing) {
      return Promise.reject(
        new StorageError(
          `Could not append to ${this.#bucket.placeOf(this.#key)}: the log is closed. Append before you close it.`,
        ),
      );
    }
    this.#next ??= { pieces: [], done: Promise.withResolvers() };
    this.#next.pieces.push(bytes);
    const { promise } = this.#next.done;
    this.#running ??= this.#run();
    return promise;
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    await this.#running;
    if (this.#broken !== undefined || this.#pieces < 2) return;
    try {
      await this.#replacePieces(this.#pieces, this.#length, this.#hash.digest('hex'));
    } catch {
      // The pieces are as good as the whole, and are there; it only takes longer to read them.
    }
  }

  async #run(): Promise<void> {
    do {
      // What is appended in one turn of the event loop goes together, and so does what follows upon the last batch.
      await nextTurn();
      const batch = this.#next;
      if (!batch) break;
      this.#next = undefined;
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#write(Buffer.concat(batch.pieces));
        batch.done.resolve();
      } catch (cause) {
        this.#broken ??= cause;
        batch.done.reject(this.#broken);
      }
    } while (this.#next);
    this.#running = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    // A piece is never written anew: whoever else wrote to this log would be found out here.
    if (!(await putOnce(this.#bucket, pieceKey(this.#key, this.#id, this.#pieces), bytes))) {
      throw new StorageError(
        `Could not append to ${this.#bucket.placeOf(this.#key)}: its piece ${this.#pieces} is there already. Something else writes to it.`,
      );
    }
    this.#pieces += 1;
    this.#length += bytes.length;
    this.#hash.update(bytes);
  }
}

interface Batch {
  readonly pieces: Uint8Array[];
  readonly done: PromiseWithResolvers<void>;
}
