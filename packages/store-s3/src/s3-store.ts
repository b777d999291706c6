import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
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
import type { ObjectBody } from './bucket/answers.ts';
import { Bucket } from './bucket/bucket.ts';
import { putOnce } from './bucket/put-once.ts';
import { readBody } from './bucket/read-body.ts';
import { childrenOf, entriesOf, moveFolder, removeFolder, type StoreEntry } from './folders.ts';
import { holdsLock } from './locks/s3-lock.ts';
import { takeLock } from './locks/take-lock.ts';
import { closedLog } from './logs/close-log.ts';
import { listPieces, logName, readPieces, sizeOfPieces } from './logs/log-pieces.ts';
import { S3Log } from './logs/s3-log.ts';
import { Capabilities } from './probe.ts';
import { Publisher } from './publish/publisher.ts';
import { removeObject } from './remove-object.ts';
import { readS3StoreOptions, type S3StoreOptions } from './s3-store-options.ts';

const mostLooks = 20;

/**
 * A store in an S3-compatible bucket, each object under its own key, as {@link fsStore} has them in folders.
 * Nothing is asked of the server before it is first used. Before the first write it is tried whether the
 * server heeds `If-None-Match: *`, since without that two runs would overwrite each other.
 *
 * @throws InvalidArgumentError when an option is not what it should be; UnsafeNameError for the prefix.
 *
 * @example
 * new ArtifactPlugin({ store: s3Store({ bucket: 'my-experiments', prefix: 'team' }) })
 */
export function s3Store(options: S3StoreOptions): ArtifactStore {
  return new S3Store(options);
}

class S3Store implements ArtifactStore {
  readonly location: string;
  readonly copyFolder: string;
  readonly #bucket: Bucket;
  readonly #capabilities: Capabilities;
  readonly #publisher: Publisher;
  readonly #lease: number;

  constructor(options: S3StoreOptions) {
    const checked = readS3StoreOptions(options);
    this.#bucket = new Bucket(checked);
    this.#capabilities = new Capabilities(this.#bucket);
    this.#publisher = new Publisher(this.#bucket, this.#capabilities, checked.partSize);
    this.#lease = checked.lease;
    this.copyFolder = checked.copyFolder;
    this.location = this.#bucket.location;
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { ifAbsent = false }: PutOptions = {},
  ): Promise<StoredObject> {
    assertStoreKey(key);
    await this.#capabilities.assertConditionalPut();
    return this.#publisher.publish(key, body, ifAbsent);
  }

  async remove(key: string, { confirm }: RemoveOptions = {}): Promise<void> {
    assertStoreKey(key);
    await removeObject(this.#bucket, key, confirm);
  }

  async removeAll(folder: string): Promise<void> {
    assertStoreKey(folder);
    await removeFolder(this.#bucket, folder);
  }

  async moveAll(from: string, to: string): Promise<void> {
    assertStoreKey(from);
    assertStoreKey(to);
    await moveFolder(this.#bucket, from, to);
  }

  async createLog(key: string): Promise<StoreLog> {
    assertStoreKey(key);
    await this.#capabilities.assertConditionalPut();
    const id = randomUUID();
    if (!(await putOnce(this.#bucket, key, new Uint8Array(), { [logName]: id }))) {
      throw new StorageError(
        `${this.#bucket.placeOf(key)} is there already. Choose another name, or remove it first.`,
        { code: 'OBJECT_EXISTS' },
      );
    }
    const tools = { bucket: this.#bucket, publisher: this.#publisher, read: this.#read };
    return new S3Log(this.#bucket, key, id, (...pieces) => closedLog(tools, key, id, ...pieces));
  }

  async lock(key: string, { signal }: LockOptions = {}): Promise<StoreLock> {
    assertStoreKey(key);
    signal?.throwIfAborted();
    await this.#capabilities.assertConditionalPut();
    return takeLock({ bucket: this.#bucket, read: this.#read, lease: this.#lease, signal }, key);
  }

  async holds(key: string, token: string): Promise<boolean> {
    assertStoreKey(key);
    return holdsLock(this.#bucket, this.#read, key, token);
  }

  async size(key: string): Promise<number | undefined> {
    assertStoreKey(key);
    const head = await this.#bucket.head(key);
    const log = head?.metadata[logName];
    return log === undefined ? head?.size : sizeOfPieces(await listPieces(this.#bucket, key, log));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertStoreKey(key);
    for (let look = 1; ; look += 1) {
      const object = await this.#bucket.get(key);
      if (object === undefined) return undefined;
      const log = object.metadata[logName];
      const bytes = await whole(this.#bucket, key, object);
      if (log === undefined) return bytes;
      const pieces = await readPieces(this.#bucket, key, log, this.#read);
      if (pieces) return pieces;
      if (look === mostLooks)
        throw new StorageError(
          `Could not read the log ${this.#bucket.placeOf(key)}: it changes all the time. Read it again.`,
        );
    }
  }

  stream(key: string): AsyncIterable<Uint8Array> {
    return readBody(this.#bucket, key, () => this.#open(key));
  }

  async children(folder: string): Promise<readonly StoreChild[]> {
    if (folder !== '') assertStoreKey(folder);
    return childrenOf(this.#bucket, folder);
  }

  async *list(folder: string): AsyncGenerator<StoreEntry, void, undefined> {
    if (folder !== '') assertStoreKey(folder);
    yield* await entriesOf(this.#bucket, folder);
  }

  readLog(key: string): Promise<Uint8Array | undefined> {
    return this.get(key);
  }

  async #open(key: string): Promise<ObjectBody> {
    assertStoreKey(key);
    const object = await this.#bucket.get(key);
    const isLog = object?.metadata[logName] !== undefined;
    const log = isLog ? await this.get(key) : undefined;
    if (object === undefined || (isLog && log === undefined))
      throw new StorageError(`There is no ${this.#bucket.placeOf(key)} to be read.`, {
        code: 'OBJECT_MISSING',
      });
    return log ? { ...object, size: log.length, bytes: Readable.from([log]) } : object;
  }

  /** An object of the store's own. */
  readonly #read = async (key: string): Promise<Uint8Array | undefined> => {
    const object = await this.#bucket.get(key);
    return object && whole(this.#bucket, key, object);
  };
}

async function whole(bucket: Bucket, key: string, object: ObjectBody): Promise<Uint8Array> {
  // Not a Buffer, which may be a window on memory that others see.
  const bytes = new Uint8Array(object.size);
  let at = 0;
  for await (const piece of readBody(bucket, key, () => object)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
