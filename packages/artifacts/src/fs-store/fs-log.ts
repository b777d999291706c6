import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FileSystem, StorageError, type StoreLog, systemError } from '@crystallize/core/storage';
import { smallBody, writeAll, writeAllAsync } from './publish.ts';

/**
 * A log in a file of its own. What is appended while a write is under way is written, and made safe,
 * together in the next. Once something failed, nobody can know what the file holds, so the log stays
 * broken: every later append rejects with the first error.
 */
export class FsLog implements StoreLog {
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #path: string;
  readonly #durable: boolean;
  #next: Batch | undefined;
  #running: Promise<void> | undefined;
  #broken: StorageError | undefined;
  #closed = false;
  #length = 0;

  /** @param fd - A new, empty file, opened for appending. */
  constructor(fs: FileSystem, fd: number, path: string, durable: boolean) {
    this.#fs = fs;
    this.#fd = fd;
    this.#path = path;
    this.#durable = durable;
  }

  append(bytes: Uint8Array): Promise<void> {
    if (this.#closed) {
      return Promise.reject(
        new StorageError(`Could not append to ${this.#path}: the log is closed. Append before you close it.`),
      );
    }
    this.#next ??= { pieces: [], done: Promise.withResolvers() };
    this.#next.pieces.push(bytes);
    const { promise } = this.#next.done;
    this.#running ??= this.#run();
    return promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running;
    try {
      this.#fs.close(this.#fd);
    } catch (cause) {
      throw systemError('close', this.#path, cause);
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
        if (this.#broken) throw this.#broken;
        await this.#write(batch.pieces);
        batch.done.resolve();
      } catch (cause) {
        this.#broken ??= systemError('append to', this.#path, cause);
        batch.done.reject(this.#broken);
      }
    } while (this.#next);
    this.#running = undefined;
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
    if (bytes.length <= smallBody) writeAll(this.#fs, this.#fd, bytes, this.#path);
    else await writeAllAsync(this.#fs, this.#fd, bytes, this.#path);
    this.#length += bytes.length;
    const { size } = this.#fs.fstat(this.#fd);
    if (size !== this.#length) {
      throw new StorageError(
        `Could not append to ${this.#path}: it has ${size} bytes where ${this.#length} were written. Something else writes to it.`,
      );
    }
    if (this.#durable) await this.#fs.fdatasync(this.#fd);
  }
}

interface Batch {
  readonly pieces: Uint8Array[];
  readonly done: PromiseWithResolvers<void>;
}
