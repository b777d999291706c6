import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import {
  type ArtifactStore,
  assertStoreKey,
  type LockOptions,
  type PutOptions,
  type RemoveOptions,
  StorageError,
  type StoreChild,
  type StoredObject,
  type StoreLock,
  type StoreLog,
} from '@crystallize/core/storage';
import { dropAbandoned, dropBody, finishBody, writeBody } from './bodies.ts';
import { Connection } from './connection.ts';
import { holdsLock, takeLock } from './sqlite-lock.ts';
import { SqliteLog } from './sqlite-log.ts';

/** What a SqliteStore may be given. */
export interface SqliteStoreOptions {
  /**
   * Milliseconds without a sign of life after which the owner of a lock is taken for dead: longer than its
   * process ever stands still. Default 10,000.
   */
  readonly lease?: number;
}

/** Keeps runs in a SQLite database: one file, on a disk of this machine. */
export class SqliteStore implements ArtifactStore {
  readonly location: string;
  readonly #connection: Connection;
  readonly #lease: number;

  constructor(path: string, { lease = 10_000 }: SqliteStoreOptions = {}) {
    this.location = `sqlite:${resolve(path)}`;
    this.#connection = new Connection(resolve(path));
    this.#lease = lease;
    dropAbandoned(this.#connection);
  }

  async put(
    key: string,
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { ifAbsent = false }: PutOptions = {},
  ): Promise<StoredObject> {
    assertStoreKey(key);
    const written = await writeBody(this.#connection, source);
    const { body, size, sha256 } = written;
    try {
      this.#connection.transaction(() => {
        if (ifAbsent) this.#assertFree(key);
        else this.#delete(key);
        this.#connection.run('INSERT INTO objects VALUES (?, ?, ?)', key, body, size);
        finishBody(this.#connection, written);
      });
    } catch (error) {
      dropBody(this.#connection, body);
      throw error;
    }
    return { size, sha256 };
  }

  async remove(key: string, { confirm }: RemoveOptions = {}): Promise<void> {
    assertStoreKey(key);
    const found = this.#find(key);
    if (!found) return;
    await confirm?.();
    this.#connection.transaction(() => {
      // Another that came to the key since then stays.
      if (this.#find(key)?.body === found.body) this.#delete(key);
    });
  }

  async removeAll(folder: string): Promise<void> {
    assertStoreKey(folder);
    const { after, before } = rangeOf(folder);
    this.#connection.transaction(() => {
      const bodies = 'SELECT body FROM objects WHERE key > ? AND key < ?';
      this.#connection.run(`DELETE FROM chunks WHERE body IN (${bodies})`, after, before);
      this.#connection.run('DELETE FROM objects WHERE key > ? AND key < ?', after, before);
    });
  }

  async moveAll(from: string, to: string): Promise<void> {
    assertStoreKey(from);
    assertStoreKey(to);
    const { after, before } = rangeOf(from);
    this.#connection.transaction(() => {
      if (!this.#isAny(from)) return;
      if (this.#isAny(to)) throw existsError(to);
      // Characters are counted by the database: what JavaScript counts are other units.
      this.#connection.run(
        'UPDATE objects SET key = ? || substr(key, length(?) + 1) WHERE key > ? AND key < ?',
        to,
        from,
        after,
        before,
      );
    });
  }

  async createLog(key: string): Promise<StoreLog> {
    assertStoreKey(key);
    const body = randomUUID();
    this.#connection.transaction(() => {
      this.#assertFree(key);
      this.#connection.run('INSERT INTO objects VALUES (?, ?, 0)', key, body);
    });
    return new SqliteLog(this.#connection, key, body);
  }

  async lock(key: string, { signal }: LockOptions = {}): Promise<StoreLock> {
    assertStoreKey(key);
    return takeLock(this.#connection, key, this.#lease, signal);
  }

  async holds(key: string, token: string): Promise<boolean> {
    assertStoreKey(key);
    return holdsLock(this.#connection, key, token);
  }

  async size(key: string): Promise<number | undefined> {
    assertStoreKey(key);
    return this.#find(key)?.size;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertStoreKey(key);
    // One statement sees one state of the database.
    const rows = this.#connection.all<ChunkRow>(selectChunks, key);
    if (!rows[0]) return undefined;
    const bytes = new Uint8Array(rows[0].size);
    let at = 0;
    for (const { bytes: chunk } of rows) {
      if (!chunk) continue;
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  async *stream(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    assertStoreKey(key);
    // Of its own, so that what others write between two chunks is not seen.
    const connection = new Connection(this.#connection.path, { readOnly: true });
    try {
      let found = false;
      for (const { bytes } of connection.each<ChunkRow>(selectChunks, key)) {
        found = true;
        if (bytes) yield bytes;
      }
      if (!found)
        throw new StorageError(`There is no ${key} in ${this.location}.`, { code: 'OBJECT_MISSING' });
    } finally {
      connection.close();
    }
  }

  async children(folder: string): Promise<readonly StoreChild[]> {
    if (folder !== '') assertStoreKey(folder);
    const { prefix, after, before } = rangeOf(folder);
    const rows = this.#connection.all<{ name: string; isFolder: number }>(
      `SELECT DISTINCT substr(rest, 1, instr(rest || '/', '/') - 1) AS name, instr(rest, '/') > 0 AS isFolder
       FROM (SELECT substr(key, length(?) + 1) AS rest FROM objects WHERE key > ? AND key < ?)`,
      prefix,
      after,
      before,
    );
    const children = rows.map(({ name, isFolder }) => {
      const kind: StoreChild['kind'] = isFolder === 1 ? 'folder' : 'object';
      return { name, kind };
    });
    return children.sort((one, other) => byCodeUnits(one.name, other.name));
  }

  async *list(folder: string): AsyncGenerator<{ readonly key: string; readonly size: number }> {
    if (folder !== '') assertStoreKey(folder);
    const { after, before } = rangeOf(folder);
    const sql = 'SELECT key, size FROM objects WHERE key > ? AND key < ?';
    const rows = this.#connection.all<{ key: string; size: number }>(sql, after, before);
    for (const { key, size } of rows.sort((one, other) => byCodeUnits(one.key, other.key)))
      yield { key, size };
  }

  readLog(key: string): Promise<Uint8Array | undefined> {
    return this.get(key);
  }

  /** Closes the database. Nothing may be under way. */
  close(): void {
    this.#connection.close();
  }

  #find(key: string): { readonly body: string; readonly size: number } | undefined {
    return this.#connection.get('SELECT body, size FROM objects WHERE key = ?', key);
  }

  #isAny(folder: string): boolean {
    const { after, before } = rangeOf(folder);
    const sql = 'SELECT 1 FROM objects WHERE key > ? AND key < ? LIMIT 1';
    return this.#connection.get(sql, after, before) !== undefined;
  }

  #assertFree(key: string): void {
    if (this.#find(key)) throw existsError(key);
  }

  #delete(key: string): void {
    const found = this.#find(key);
    if (!found) return;
    this.#connection.run('DELETE FROM chunks WHERE body = ?', found.body);
    this.#connection.run('DELETE FROM objects WHERE key = ?', key);
  }
}

/** A chunk of an object; one that has no bytes at all is a row without. */
interface ChunkRow {
  readonly size: number;
  readonly bytes: Uint8Array | null;
}

const selectChunks = `
  SELECT size, bytes FROM objects LEFT JOIN chunks USING (body) WHERE key = ? ORDER BY number
`;

/** What the keys under a folder begin with, and between which texts they are: '0' comes next after '/'. */
function rangeOf(folder: string): {
  readonly prefix: string;
  readonly after: string;
  readonly before: string;
} {
  if (folder === '') return { prefix: '', after: '', before: '\u{10ffff}' };
  return { prefix: `${folder}/`, after: `${folder}/`, before: `${folder}0` };
}

/** The database sorts by code points, and by yet other rules where it has a collation. */
function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function existsError(key: string): StorageError {
  return new StorageError(`${key} is there already. Choose another name, or remove it first.`, {
    code: 'OBJECT_EXISTS',
  });
}
