import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { StorageError } from '@crystallize/core/storage';

const schema = `
  CREATE TABLE IF NOT EXISTS objects (
    key TEXT PRIMARY KEY,
    body TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS chunks (
    body TEXT NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (body, number)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS unfinished (
    body TEXT PRIMARY KEY,
    begun INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS locks (
    key TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    owner TEXT NOT NULL,
    lease INTEGER NOT NULL,
    signs INTEGER NOT NULL
  ) STRICT;
`;

/** A connection to a database, whose every failure is a StorageError. */
export class Connection {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.path = path;
    const { readOnly = false } = options;
    if (!readOnly) this.#attempt(() => mkdirSync(dirname(path), { recursive: true }));
    this.#database = this.#attempt(() => new DatabaseSync(path, { readOnly }));
    // Processes that write at the same time wait for each other.
    this.#attempt(() => this.#database.exec('PRAGMA busy_timeout = 10000'));
    if (readOnly) return;
    // Readers go on while another writes, and what was committed survives a power cut.
    this.#attempt(() => this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'));
    this.transaction(() => this.#database.exec(schema));
  }

  /** How many rows a statement has changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#attempt(() => Number(this.#statement(sql).run(...values).changes));
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#attempt(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#attempt(() => this.#statement(sql).all(...values) as Row[]);
  }

  /** Rows one by one, all as they were when the first was read. */
  *each<Row>(sql: string, ...values: SQLInputValue[]): Generator<Row, void, undefined> {
    const rows = this.#attempt(() => this.#database.prepare(sql).iterate(...values));
    for (;;) {
      const { done, value } = this.#attempt(() => rows.next());
      if (done) return;
      yield value as Row;
    }
  }

  /** All that `work` writes takes effect, or nothing of it. Nobody else writes meanwhile. */
  transaction<T>(work: () => T): T {
    this.#attempt(() => this.#database.exec('BEGIN IMMEDIATE'));
    try {
      const result = work();
      this.#attempt(() => this.#database.exec('COMMIT'));
      return result;
    } catch (error) {
      // Some failures have rolled back by themselves.
      if (this.#database.isTransaction) this.#attempt(() => this.#database.exec('ROLLBACK'));
      throw error;
    }
  }

  close(): void {
    this.#attempt(() => this.#database.close());
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StorageError(`The database ${this.path} failed: ${reason}. Mend that, then resume the run.`, {
        cause,
      });
    }
  }
}
