/**
 * What a storage backend implements. Keys are paths with `/` between names that have been checked
 * (see `names.ts`); a "folder" is what keys before a `/` have in common and exists only through them.
 *
 * Three laws hold everything together, and `storeConformance` tests them: a reader sees an object
 * whole or not at all; of several `put`s with `ifAbsent` of one key exactly one wins; and only a
 * missing object is reported as missing: any other trouble is a {@link StorageError}.
 *
 * Every method that takes a key or a folder refuses, before it does anything, one that could leave the
 * store or that some system could not hold: with an {@link UnsafeNameError}, which `assertStoreKey` throws.
 * Keys are text with upper and lower case, and kept as they are.
 *
 * Calls may come at any time, many at once, from several processes and machines, each of which has made a
 * store of its own for the same place. What a call has reported as done, every call that begins later sees,
 * in whichever process. A process may be killed at any moment: what it was doing then is done or not done, and
 * what is left of it is seen by nobody and in nobody's way.
 */
export interface ArtifactStore extends ReadableStore {
  /**
   * Publishes an object, whole or not at all, replacing what was there. Streams are not held whole
   * in memory; an error that the body throws is passed on and nothing is published.
   * Resolves when the object is as durable as the store was told to make it.
   * @throws StorageError `OBJECT_EXISTS` with `ifAbsent` when the key is taken.
   */
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredObject>;
  /**
   * Removes an object or a log; a missing one is no error, and a folder is left alone. Under the key of a
   * log a new one can then be made.
   */
  remove(key: string, options?: RemoveOptions): Promise<void>;
  /** Removes every object and log under a folder; a missing one is no error. */
  removeAll(folder: string): Promise<void>;
  /**
   * Moves every object and log under a folder to another, under which there is none. Need not be atomic:
   * after a crash a part may be here and a part there, and the same call again finishes it. A folder under
   * which there is nothing is no error.
   * @throws StorageError `OBJECT_EXISTS` when there is something under the other folder; then nothing has
   * moved. A store that moves one object after the other can't tell that from a move that broke off, and goes on.
   */
  moveAll(from: string, to: string): Promise<void>;
  /**
   * Starts a log that only this writer appends to. It is listed as an object is, under its one key and with
   * the size of what was appended until now, and moved and removed with its folder.
   * @throws StorageError `OBJECT_EXISTS` when there is one under this key.
   */
  createLog(key: string): Promise<StoreLog>;
  /**
   * Takes a lock that one owner holds at a time; that of a dead owner is taken over. It may take a
   * while to see whether an owner lives. Locks may be listed as objects are, each under its key, or not at all.
   * @throws RunLockedError when another owner holds it who lives, or may live: nobody waits for it. This
   * process may be that owner.
   */
  lock(key: string, options?: LockOptions): Promise<StoreLock>;
  /**
   * Whether a lock is held, right now, by the holding with that {@link StoreLock.token}. Any process may
   * ask; so one that works for the lock's owner learns that another has taken over. `false` when nobody
   * holds the lock, or somebody else does. As with {@link StoreLock.isHeld}, the answer is of that moment.
   * @throws StorageError when the store can't be asked; that is no answer.
   */
  holds(key: string, token: string): Promise<boolean>;
}

/** The reading half of a store. */
export interface ReadableStore {
  /** For messages and provenance: `file:///…`, `s3://bucket/prefix`, `memory`. Never with credentials. */
  readonly location: string;
  /** The size of an object in bytes; `undefined` when there is none. */
  size(key: string): Promise<number | undefined>;
  /** A whole object, its bytes the caller's own; `undefined` when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * An object in pieces, of which none should be larger than a few MiB. All are of one object, also when
   * another takes its place meanwhile; where a store can't hand out the old one any more, it rejects.
   * @throws StorageError `OBJECT_MISSING` at the first piece when there is none.
   */
  stream(key: string): AsyncIterable<Uint8Array>;
  /**
   * The names directly in a folder, `''` being the whole store; sorted by UTF-16 code units, as `sort()`
   * does; empty when it does not exist.
   */
  children(folder: string): Promise<readonly StoreChild[]>;
  /** Every object under a folder, with its whole key, sorted likewise. */
  list(folder: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  /** What was appended to a log until now, the pieces in order; `undefined` when there is no log. */
  readLog(key: string): Promise<Uint8Array | undefined>;
  /**
   * Where an object lies on this machine, for stores that keep files as they were put; absent for others,
   * whose readers are given copies. It need not exist.
   */
  localPath?(key: string): string;
  /**
   * A folder of this machine for copies of artifacts that are asked for as files, for stores that keep none:
   * absolute, and made when it is needed. Copies stay there for the next process; without it they end with theirs.
   */
  readonly copyFolder?: string;
}

/** A name in a folder. */
export interface StoreChild {
  readonly name: string;
  readonly kind: 'object' | 'folder';
}

/** How an object is published. */
export interface PutOptions {
  /** Only if the key is free; decided atomically. */
  readonly ifAbsent?: boolean;
}

/** How an object is removed. */
export interface RemoveOptions {
  /**
   * Called when it is settled which object is removed, if there is one: another that is published under
   * the key from then on stays. When it rejects, so does the removal, and the object is there as before.
   * So who asks in here whether a lock is held never removes the work of the lock's next owner.
   */
  readonly confirm?: (() => Promise<void>) | undefined;
}

/** How a lock is waited for. */
export interface LockOptions {
  /** Ends the wait: the call then rejects with the signal's reason, and takes nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** What was published. */
export interface StoredObject {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A log with one writer. */
export interface StoreLog {
  /**
   * Appends bytes; resolves when they are as durable as the store was told to make them. Calls that
   * come while one is under way are made durable together, in the order of the calls. Once one has
   * failed nobody can know what the log holds, so every later one rejects.
   */
  append(bytes: Uint8Array): Promise<void>;
  /** Waits for what was appended, then closes. */
  close(): Promise<void>;
}

/** A lock that is held. */
export interface StoreLock {
  /**
   * Tells this holding from every other of the same key, earlier and later ones and those of this very
   * process: a text of at most 100 printable ASCII characters, to be given to {@link ArtifactStore.holds}.
   * It does not let its bearer release the lock.
   */
  readonly token: string;
  /**
   * Rejects with {@link StorageError} when it is noticed that the lock was lost to another owner; else
   * never settles. A process that was stopped for a while may notice late: ask {@link isHeld}.
   */
  readonly lost: Promise<never>;
  /**
   * Asks the store whether the lock is still this owner's. The answer is of that moment: what must not
   * overwrite the next owner's work is published with `ifAbsent`.
   * @throws StorageError when the store can't be asked.
   */
  isHeld(): Promise<boolean>;
  /** Lets the next owner have it; without effect on a lock that was lost, or released before. */
  release(): Promise<void>;
}
