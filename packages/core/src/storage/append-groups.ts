import { setImmediate as nextTurn } from 'node:timers/promises';
import { StorageError } from '../errors/storage-errors.ts';

interface Group {
  readonly pieces: Uint8Array[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * The part of a {@link StoreLog} that is the same in most stores: what is appended while a write is under way
 * goes together into the next. Once a write has failed nobody can know what the log holds, so every later append
 * rejects with that error.
 */
export class AppendGroups {
  readonly #place: string;
  readonly #write: (pieces: readonly Uint8Array[]) => Promise<void>;
  #next: Group | undefined;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  /**
   * @param place - What the log is called in messages.
   * @param write - Writes all of these, in order, as durably as the store was told to; never called twice at a time.
   */
  constructor(place: string, write: (pieces: readonly Uint8Array[]) => Promise<void>) {
    this.#place = place;
    this.#write = write;
  }

  /** Whether a write has failed. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Resolves when it is written. The bytes are not copied: they must stay as they are until then.
   * @throws StorageError once closed; what `write` has thrown.
   */
  append(bytes: Uint8Array): Promise<void> {
    if (this.#closed) {
      return Promise.reject(
        new StorageError(
          `Could not append to ${this.#place}: the log is closed. Append before you close it.`,
        ),
      );
    }
    this.#next ??= { pieces: [], done: Promise.withResolvers() };
    this.#next.pieces.push(bytes);
    const { promise } = this.#next.done;
    this.#running ??= this.#run();
    return promise;
  }

  /** Takes no more; resolves when all that was appended has been written, or has failed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    do {
      // What is appended in one turn of the event loop goes together, and so does what follows upon the last group.
      await nextTurn();
      const group = this.#next;
      if (!group) break;
      this.#next = undefined;
      try {
        if (this.#failure) throw this.#failure.error;
        await this.#write(group.pieces);
        group.done.resolve();
      } catch (error) {
        this.#failure ??= { error };
        group.done.reject(error);
      }
    } while (this.#next);
    this.#running = undefined;
  }
}
