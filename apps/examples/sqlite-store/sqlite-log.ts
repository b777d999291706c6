import { setImmediate } from 'node:timers/promises';
import { StorageError, type StoreLog } from '@crystallize/core/storage';
import type { Connection } from './connection.ts';

/** A log whose every entry is a row. */
export class SqliteLog implements StoreLog {
  readonly #connection: Connection;
  readonly #key: string;
  readonly #body: string;
  /** What is to be written together. */
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #entries = 0;
  #failure: unknown;
  #closed = false;

  constructor(connection: Connection, key: string, body: string) {
    this.#connection = connection;
    this.#key = key;
    this.#body = body;
  }

  append(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(new StorageError(`The log ${this.#key} is closed.`));
    this.#waiting.push(bytes.slice());
    // One transaction, and so one wait for the disk, for all that comes until then.
    this.#writing ??= setImmediate().then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Whoever appended is told of a failure.
    await this.#writing?.catch(() => {});
  }

  #write(): void {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#writing = undefined;
    // Nobody knows what the log holds by now, and entries refer to those that went before.
    if (this.#failure !== undefined)
      throw new StorageError(`The log ${this.#key} is broken.`, { cause: this.#failure });
    try {
      this.#connection.transaction(() => {
        for (const entry of entries) this.#insert(entry);
      });
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #insert(entry: Uint8Array): void {
    const grown = 'UPDATE objects SET size = size + ? WHERE body = ?';
    if (this.#connection.run(grown, entry.length, this.#body) === 0)
      throw new StorageError(`The log ${this.#key} was removed while it was written.`);
    this.#connection.run('INSERT INTO chunks VALUES (?, ?, ?)', this.#body, this.#entries++, entry);
  }
}
