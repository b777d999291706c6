import { AppendGroups, StorageError, type StoreLog } from '@crystallize/core/storage';
import type { Connection } from './connection.ts';

/** A log whose every entry is a row. */
export class SqliteLog implements StoreLog {
  readonly #connection: Connection;
  readonly #key: string;
  readonly #body: string;
  readonly #groups: AppendGroups;
  #entries = 0;

  constructor(connection: Connection, key: string, body: string) {
    this.#connection = connection;
    this.#key = key;
    this.#body = body;
    this.#groups = new AppendGroups(key, async (entries) => {
      // One transaction, and so one wait for the disk, for all that came together.
      connection.transaction(() => {
        for (const entry of entries) this.#insert(entry);
      });
    });
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#groups.append(bytes);
  }

  close(): Promise<void> {
    return this.#groups.close();
  }

  #insert(entry: Uint8Array): void {
    const grown = 'UPDATE objects SET size = size + ? WHERE body = ?';
    if (this.#connection.run(grown, entry.length, this.#body) === 0)
      throw new StorageError(`The log ${this.#key} was removed while it was written.`);
    this.#connection.run('INSERT INTO chunks VALUES (?, ?, ?)', this.#body, this.#entries++, entry);
  }
}
