import { createHash } from 'node:crypto';
import { AppendGroups, StorageError, type StoreLog } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { putOnce } from '../bucket/put-once.ts';
import { pieceKey } from './log-pieces.ts';

/** Puts one object in the place of the pieces of a log. */
export type ReplacePieces = (pieces: number, size: number, sha256: string) => Promise<void>;

/** A log of which this process is the only writer: an object for whatever is appended together. */
export class S3Log implements StoreLog {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #id: string;
  readonly #replacePieces: ReplacePieces;
  readonly #groups: AppendGroups;
  readonly #hash = createHash('sha256');
  #length = 0;
  #pieces = 0;
  #closing: Promise<void> | undefined;

  constructor(bucket: Bucket, key: string, id: string, replacePieces: ReplacePieces) {
    this.#bucket = bucket;
    this.#key = key;
    this.#id = id;
    this.#replacePieces = replacePieces;
    this.#groups = new AppendGroups(bucket.placeOf(key), (pieces) => this.#write(Buffer.concat(pieces)));
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#groups.append(bytes);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#groups.close();
    if (this.#groups.isBroken || this.#pieces < 2) return;
    try {
      await this.#replacePieces(this.#pieces, this.#length, this.#hash.digest('hex'));
    } catch {
      // The pieces are as good as the whole, and are there; it only takes longer to read them.
    }
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
