import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { RunLockedError, StorageError, type StoreLock } from '@crystallize/core/storage';
import type { Connection } from './connection.ts';

const signsPerLease = 6;
const looksPerLease = 30;

/** A lock as the table has it. */
interface LockRow {
  readonly token: string;
  readonly owner: string;
  /** Milliseconds. */
  readonly lease: number;
  /** How many signs of life its owner has given. */
  readonly signs: number;
}

/** The locks that this process holds, by their tokens: it lives, which need not be watched. */
const heldHere = new Set<string>();

/**
 * Takes a lock, from a dead owner as well: one that gives no sign of life for a whole lease.
 * @throws RunLockedError when its owner lives.
 */
export async function takeLock(
  connection: Connection,
  key: string,
  lease: number,
  signal: AbortSignal | undefined,
): Promise<StoreLock> {
  signal?.throwIfAborted();
  for (let dead: LockRow | undefined; ; ) {
    const token = randomUUID();
    const found = insertLock(connection, key, { token, lease, dead });
    if (!found) return new SqliteLock(connection, key, token, lease);
    dead = await watchForLife(connection, key, found, lease, signal);
  }
}

/** Whether a lock is held by the holding with that token. */
export function holdsLock(connection: Connection, key: string, token: string): boolean {
  return readLock(connection, key)?.token === token;
}

/** Takes a lock that is free, or still as its dead owner left it; else returns whose it is. */
function insertLock(
  connection: Connection,
  key: string,
  { token, lease, dead }: { token: string; lease: number; dead: LockRow | undefined },
): LockRow | undefined {
  const owner = `the process ${process.pid} on ${hostname()}`;
  return connection.transaction(() => {
    const found = readLock(connection, key);
    if (found && !(dead && isUnchanged(dead, found))) return found;
    connection.run('INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, 0)', key, token, owner, lease);
    return undefined;
  });
}

/**
 * Watches a lock for a lease. Only whether its owner gives signs is looked at, and time is that of this
 * process: the clocks of two machines may differ.
 *
 * @returns what was watched, when no sign came.
 * @throws RunLockedError at the first sign.
 */
async function watchForLife(
  connection: Connection,
  key: string,
  seen: LockRow,
  lease: number,
  signal: AbortSignal | undefined,
): Promise<LockRow> {
  const needed = Math.max(lease, seen.lease);
  const pause = needed / looksPerLease;
  let last = performance.now();
  for (let watched = 0; watched < needed; ) {
    const found = readLock(connection, key);
    if (!found) return seen;
    if (heldHere.has(found.token) || !isUnchanged(seen, found)) {
      throw new RunLockedError(`${key} is held by ${found.owner}, which lives. Wait until that has ended.`);
    }
    await delay(pause, undefined, { signal }).catch(() => signal?.throwIfAborted());
    const now = performance.now();
    // Of a time in which this machine slept only a little counts: the owner may have slept as well.
    watched += Math.min(now - last, 2 * pause);
    last = now;
  }
  return seen;
}

function readLock(connection: Connection, key: string): LockRow | undefined {
  return connection.get<LockRow>('SELECT token, owner, lease, signs FROM locks WHERE key = ?', key);
}

function isUnchanged(before: LockRow, after: LockRow): boolean {
  return before.token === after.token && before.signs === after.signs;
}

class SqliteLock implements StoreLock {
  readonly token: string;
  readonly lost: Promise<never>;
  readonly #connection: Connection;
  readonly #key: string;
  readonly #lose: (error: StorageError) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(connection: Connection, key: string, token: string, lease: number) {
    this.#connection = connection;
    this.#key = key;
    this.token = token;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    this.#lose = reject;
    // Whoever does not ask for it is not to be stopped by it.
    promise.catch(() => {});
    heldHere.add(token);
    this.#timer = setInterval(() => this.#giveSign(), lease / signsPerLease);
    // A lock is no reason for a process to live.
    this.#timer.unref();
  }

  async isHeld(): Promise<boolean> {
    const isHeld = holdsLock(this.#connection, this.#key, this.token);
    if (!isHeld) this.#end();
    return isHeld;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    heldHere.delete(this.token);
    this.#connection.run('DELETE FROM locks WHERE key = ? AND token = ?', this.#key, this.token);
  }

  #giveSign(): void {
    const sign = 'UPDATE locks SET signs = signs + 1 WHERE key = ? AND token = ?';
    try {
      if (this.#connection.run(sign, this.#key, this.token) === 0) this.#end();
    } catch {
      // There is another chance before the lease is over.
    }
  }

  #end(): void {
    // Released is not lost.
    if (!heldHere.delete(this.token)) return;
    clearInterval(this.#timer);
    this.#lose(
      new StorageError(`The lock ${this.#key} was taken over: its owner gave no sign of life for too long.`),
    );
  }
}
