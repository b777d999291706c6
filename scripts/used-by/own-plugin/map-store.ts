// A storage backend of one's own: everything in a Map.
import { createHash, randomUUID } from 'node:crypto';
import { RunLockedError, StorageError } from '@crystallize/core';
import {
  type ArtifactStore,
  assertStoreKey,
  type LockOptions,
  type PutOptions,
  type RemoveOptions,
  type StoreChild,
  type StoredObject,
  type StoreLock,
  type StoreLog,
} from '@crystallize/core/storage';

/** Keeps objects and logs under one roof, each as the pieces it was written in. */
export class MapStore implements ArtifactStore {
  readonly location = 'map';
  readonly #entries = new Map<string, Uint8Array[]>();
  readonly #locks = new Map<string, string>();

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<StoredObject> {
    assertStoreKey(key);
    const pieces: Uint8Array[] = [];
    if (body instanceof Uint8Array) pieces.push(body.slice());
    else for await (const piece of body) pieces.push(piece.slice());
    // Nothing is awaited from here on, so that of several only one finds the key free.
    if (options.ifAbsent && this.#entries.has(key)) throw exists(key);
    this.#entries.set(key, pieces);
    const bytes = Buffer.concat(pieces);
    return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  async size(key: string): Promise<number | undefined> {
    return (await this.get(key))?.length;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertStoreKey(key);
    const pieces = this.#entries.get(key);
    return pieces && new Uint8Array(Buffer.concat(pieces));
  }

  async *stream(key: string): AsyncIterable<Uint8Array> {
    const bytes = await this.get(key);
    if (!bytes) throw new StorageError(`The map holds no object '${key}'.`, { code: 'OBJECT_MISSING' });
    yield bytes;
  }

  async children(folder: string): Promise<readonly StoreChild[]> {
    const kinds = new Map<string, StoreChild['kind']>();
    for (const key of this.#under(folder)) {
      const [name = '', ...rest] = key.slice(prefixOf(folder).length).split('/');
      kinds.set(name, rest.length > 0 ? 'folder' : 'object');
    }
    return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, kind]) => ({ name, kind }));
  }

  async *list(folder: string): AsyncIterable<{ readonly key: string; readonly size: number }> {
    for (const key of this.#under(folder).sort()) {
      const size = await this.size(key);
      if (size !== undefined) yield { key, size };
    }
  }

  async remove(key: string, options: RemoveOptions = {}): Promise<void> {
    assertStoreKey(key);
    const entry = this.#entries.get(key);
    if (!entry) return;
    await options.confirm?.();
    // Another may have been put there meanwhile: it stays.
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  async removeAll(folder: string): Promise<void> {
    for (const key of this.#under(folder)) this.#entries.delete(key);
  }

  async moveAll(from: string, to: string): Promise<void> {
    assertStoreKey(to);
    for (const key of this.#under(from)) {
      this.#entries.set(prefixOf(to) + key.slice(prefixOf(from).length), this.#entries.get(key) ?? []);
      this.#entries.delete(key);
    }
  }

  async createLog(key: string): Promise<StoreLog> {
    assertStoreKey(key);
    if (this.#entries.has(key)) throw exists(key);
    const pieces: Uint8Array[] = [];
    this.#entries.set(key, pieces);
    let open = true;
    return {
      async append(bytes) {
        if (!open) throw new StorageError(`The log '${key}' is closed, so nothing can be appended to it.`);
        pieces.push(bytes.slice());
      },
      async close() {
        open = false;
      },
    };
  }

  readLog(key: string): Promise<Uint8Array | undefined> {
    return this.get(key);
  }

  async lock(key: string, options: LockOptions = {}): Promise<StoreLock> {
    assertStoreKey(key);
    options.signal?.throwIfAborted();
    if (this.#locks.has(key)) throw new RunLockedError(`'${key}' is locked by another run of this process.`);
    const token = randomUUID();
    this.#locks.set(key, token);
    return {
      token,
      // Nobody can take it away.
      lost: new Promise<never>(() => {}),
      isHeld: () => this.holds(key, token),
      release: async () => {
        if (await this.holds(key, token)) this.#locks.delete(key);
      },
    };
  }

  async holds(key: string, token: string): Promise<boolean> {
    assertStoreKey(key);
    return this.#locks.get(key) === token;
  }

  #under(folder: string): string[] {
    if (folder !== '') assertStoreKey(folder);
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefixOf(folder)));
  }
}

function prefixOf(folder: string): string {
  return folder === '' ? '' : `${folder}/`;
}

function exists(key: string): StorageError {
  return new StorageError(`The map holds '${key}' already.`, { code: 'OBJECT_EXISTS' });
}
