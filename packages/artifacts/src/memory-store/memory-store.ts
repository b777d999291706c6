import { hash, randomUUID } from 'node:crypto';
import {
  type ArtifactStore,
  assertStoreKey,
  InvalidArgumentError,
  type LockOptions,
  type PutOptions,
  type RemoveOptions,
  RunLockedError,
  StorageError,
  type StoreChild,
  type StoredObject,
  type StoreLock,
  type StoreLog,
} from '@crystallize/core/storage';

/**
 * A store in the memory of this process, gone with it. It obeys the same laws as those that last, and
 * is quick: for tests, and for runs whose artifacts nobody needs later.
 *
 * @example
 * new ArtifactPlugin({ store: memoryStore() })
 */
export function memoryStore(): ArtifactStore {
  return new MemoryStore();
}

class MemoryStore implements ArtifactStore {
  readonly location = 'memory';
  /** What is handed out and taken in is copied: nobody can change what is stored. */
  readonly #objects = new Map<string, Stored>();
  /** By key: the token of the holding. */
  readonly #locks = new Map<string, string>();

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<StoredObject> {
    assertStoreKey(key);
    const bytes = body instanceof Uint8Array ? body.slice() : await collect(body);
    if (options.ifAbsent && this.#objects.has(key)) throw existsError(key);
    this.#objects.set(key, { pieces: [bytes], size: bytes.length });
    return { size: bytes.length, sha256: hash('sha256', bytes) };
  }

  async remove(key: string, { confirm }: RemoveOptions = {}): Promise<void> {
    assertStoreKey(key);
    const stored = this.#objects.get(key);
    if (stored) await confirm?.();
    if (this.#objects.get(key) === stored) this.#objects.delete(key);
  }

  async removeAll(folder: string): Promise<void> {
    for (const key of this.#keysIn(folder)) this.#objects.delete(key);
  }

  async moveAll(from: string, to: string): Promise<void> {
    assertStoreKey(to);
    const keys = this.#keysIn(from);
    if (keys.length > 0 && this.#keysIn(to).length > 0) throw existsError(to);
    for (const key of keys) {
      this.#objects.set(`${to}${key.slice(from.length)}`, this.#objects.get(key) as Stored);
      this.#objects.delete(key);
    }
  }

  async createLog(key: string): Promise<StoreLog> {
    assertStoreKey(key);
    if (this.#objects.has(key)) throw existsError(key);
    const stored: Stored = { pieces: [], size: 0 };
    this.#objects.set(key, stored);
    return new MemoryLog(stored, key);
  }

  async lock(key: string, { signal }: LockOptions = {}): Promise<StoreLock> {
    assertStoreKey(key);
    signal?.throwIfAborted();
    if (this.#locks.has(key)) {
      throw new RunLockedError(`${key} is held by another run of this process. Wait until that has ended.`);
    }
    const token = randomUUID();
    this.#locks.set(key, token);
    const isHeld = (): boolean => this.#locks.get(key) === token;
    return {
      token,
      // Nobody can take it away.
      lost: new Promise<never>(() => {}),
      release: async () => {
        if (isHeld()) this.#locks.delete(key);
      },
      isHeld: async () => isHeld(),
    };
  }

  async holds(key: string, token: string): Promise<boolean> {
    assertStoreKey(key);
    return this.#locks.get(key) === token;
  }

  async size(key: string): Promise<number | undefined> {
    assertStoreKey(key);
    return this.#objects.get(key)?.size;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertStoreKey(key);
    const stored = this.#objects.get(key);
    return stored && new Uint8Array(Buffer.concat(stored.pieces));
  }

  async *stream(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = await this.get(key);
    if (!bytes)
      throw new StorageError(`There is no ${key} in memory to be read.`, { code: 'OBJECT_MISSING' });
    if (bytes.length > 0) yield bytes;
  }

  async children(folder: string): Promise<readonly StoreChild[]> {
    const start = folder === '' ? 0 : folder.length + 1;
    const children = new Map<string, StoreChild>();
    for (const key of this.#keysIn(folder)) {
      const end = key.indexOf('/', start);
      const name = key.slice(start, end === -1 ? undefined : end);
      children.set(name, { name, kind: end === -1 ? 'object' : 'folder' });
    }
    return [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async *list(
    folder: string,
  ): AsyncGenerator<{ readonly key: string; readonly size: number }, void, undefined> {
    for (const key of this.#keysIn(folder).sort()) {
      const size = this.#objects.get(key)?.size;
      // Removed meanwhile.
      if (size !== undefined) yield { key, size };
    }
  }

  readLog(key: string): Promise<Uint8Array | undefined> {
    return this.get(key);
  }

  #keysIn(folder: string): string[] {
    if (folder === '') return [...this.#objects.keys()];
    assertStoreKey(folder);
    return [...this.#objects.keys()].filter((key) => key.startsWith(`${folder}/`));
  }
}

/** An object, or a log with a piece for each append. */
interface Stored {
  readonly pieces: Uint8Array[];
  size: number;
}

class MemoryLog implements StoreLog {
  readonly #stored: Stored;
  readonly #key: string;
  #closed = false;

  constructor(stored: Stored, key: string) {
    this.#stored = stored;
    this.#key = key;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#closed) {
      throw new StorageError(
        `Could not append to ${this.#key}: the log is closed. Append before you close it.`,
      );
    }
    this.#stored.pieces.push(bytes.slice());
    this.#stored.size += bytes.length;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) {
    if (!(piece instanceof Uint8Array)) {
      throw new InvalidArgumentError(`A piece of the body is ${typeof piece}; each must be a Uint8Array.`);
    }
    pieces.push(piece.slice());
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function existsError(key: string): StorageError {
  return new StorageError(`${key} is there already. Choose another name, or remove it first.`, {
    code: 'OBJECT_EXISTS',
  });
}
