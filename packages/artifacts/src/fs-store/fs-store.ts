import { constants } from 'node:fs';
import { resolve } from 'node:path';
import {
  type ArtifactStore,
  assertStoreKey,
  errnoOf,
  type FileSystem,
  isMissing,
  type LockOptions,
  type ProcessIdentity,
  type PutOptions,
  type ReadableStore,
  type RemoveOptions,
  readFolder,
  StorageError,
  type StoreChild,
  type StoredObject,
  type StoreLock,
  type StoreLog,
  systemError,
} from '@crystallize/core/storage';
import { Folders } from './folders.ts';
import { holdsFileLock, takeFileLock } from './fs-lock.ts';
import { FsLog } from './fs-log.ts';
import { type FsStoreOptions, readFsStoreOptions } from './fs-store-options.ts';
import { parentOf } from './parent-of.ts';
import { Publisher, type TemporaryFile } from './publish.ts';
import { NotConfirmed, removeConfirmed } from './remove-confirmed.ts';
import { removeHollow } from './remove-hollow.ts';
import { removeTree } from './remove-tree.ts';

/**
 * A store in a folder of this machine, each object a file under its own name. The folder is made when
 * something is first written. Folders and files get the modes that the umask allows, as those of any
 * program do: results are often shared within a group, and set the umask to keep them to yourself.
 *
 * @throws InvalidArgumentError when the lease is no number of milliseconds above 0.
 *
 * @example
 * const store = fsStore('artifacts');
 * await store.put('penguins/notes.txt', Buffer.from('…'));
 */
export function fsStore(dir: string, options: FsStoreOptions = {}): ArtifactStore {
  return new FsStore(dir, options);
}

const logFlags =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_EXCL |
  constants.O_APPEND |
  (constants.O_NOFOLLOW ?? 0);

class FsStore implements ArtifactStore {
  readonly location: string;
  readonly #fs: FileSystem;
  readonly #durable: boolean;
  readonly #reader: ReadableStore;
  readonly #folders: Folders;
  readonly #publisher: Publisher;
  readonly #lease: number;
  readonly #identity: ProcessIdentity;

  constructor(dir: string, options: FsStoreOptions) {
    const { durability, lease, fs, identity } = readFsStoreOptions(options);
    this.#fs = fs;
    this.#durable = durability === 'full';
    this.#reader = readFolder(dir, fs);
    this.#folders = new Folders(resolve(dir), fs, this.#durable);
    this.#publisher = new Publisher(fs, this.#durable);
    this.#lease = lease;
    this.#identity = identity;
    this.location = this.#reader.location;
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<StoredObject> {
    assertStoreKey(key);
    const folder = parentOf(key);
    const { made: temporary, safe } = this.#inFolder(folder, (path) => this.#createIn(path), key);
    const place = { path: this.#folders.pathOf(key), ifAbsent: options.ifAbsent === true };
    const stored = await this.#publisher.publish(temporary, body, place);
    if (this.#durable) await Promise.all([safe, this.#folders.sync(folder)]);
    return stored;
  }

  async remove(key: string, { confirm }: RemoveOptions = {}): Promise<void> {
    assertStoreKey(key);
    const folder = parentOf(key);
    this.#folders.refuseLinks(folder);
    const path = this.#folders.pathOf(key);
    try {
      if (this.#fs.lstat(path).kind === 'folder') return;
      if (confirm) await removeConfirmed(this.#fs, path, confirm);
      else this.#fs.unlink(path);
    } catch (cause) {
      if (isMissing(cause)) return;
      if (!(cause instanceof NotConfirmed)) throw systemError('remove', path, cause);
      await this.#folders.sync(folder);
      throw cause.cause;
    }
    await this.#folders.sync(folder);
  }

  async removeAll(folder: string): Promise<void> {
    assertStoreKey(folder);
    this.#folders.refuseLinks(folder);
    const path = this.#folders.pathOf(folder);
    if (this.#kindOf(path) !== 'folder') return;
    this.#folders.forget(folder);
    await removeTree(this.#fs, path);
    // What was put there meanwhile made the folder anew, or failed.
    this.#folders.forget(folder);
    await this.#folders.sync(parentOf(folder));
  }

  async moveAll(from: string, to: string): Promise<void> {
    assertStoreKey(from);
    assertStoreKey(to);
    this.#folders.refuseLinks(from);
    const source = this.#folders.pathOf(from);
    if (this.#kindOf(source) !== 'folder') return;
    const target = this.#folders.pathOf(to);
    const above = parentOf(to);
    // Before the move: if a power cut took the folder away, what had moved into it would be gone as well.
    await this.#folders.ensure(above);
    const { safe } = this.#inFolder(above, () => this.#rename(source, target), to);
    this.#folders.forget(from);
    // Folders without a file may have been there.
    this.#folders.forget(to);
    if (this.#durable)
      await Promise.all([safe, this.#folders.sync(above), this.#folders.sync(parentOf(from))]);
  }

  async createLog(key: string): Promise<StoreLog> {
    assertStoreKey(key);
    const folder = parentOf(key);
    const path = this.#folders.pathOf(key);
    const { made: fd, safe } = this.#inFolder(folder, () => this.#createLogFile(path), key);
    try {
      if (this.#durable) await Promise.all([safe, this.#folders.sync(folder)]);
    } catch (cause) {
      this.#fs.close(fd);
      throw systemError('make the log', path, cause);
    }
    return new FsLog(this.#fs, fd, path, this.#durable);
  }

  async lock(key: string, { signal }: LockOptions = {}): Promise<StoreLock> {
    assertStoreKey(key);
    await this.#folders.ensure(parentOf(key));
    const tools = { fs: this.#fs, publisher: this.#publisher, identity: this.#identity, lease: this.#lease };
    return takeFileLock({ ...tools, signal }, this.#folders.pathOf(key));
  }

  async holds(key: string, token: string): Promise<boolean> {
    assertStoreKey(key);
    return holdsFileLock(this.#fs, this.#folders.pathOf(key), token);
  }

  localPath(key: string): string {
    assertStoreKey(key);
    return this.#folders.pathOf(key);
  }

  size(key: string): Promise<number | undefined> {
    return this.#reader.size(key);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#reader.get(key);
  }

  stream(key: string): AsyncIterable<Uint8Array> {
    return this.#reader.stream(key);
  }

  children(folder: string): Promise<readonly StoreChild[]> {
    return this.#reader.children(folder);
  }

  list(folder: string): AsyncIterable<{ readonly key: string; readonly size: number }> {
    return this.#reader.list(folder);
  }

  readLog(key: string): Promise<Uint8Array | undefined> {
    return this.#reader.readLog(key);
  }

  #createIn(folder: string): TemporaryFile {
    const temporary = this.#publisher.create(folder);
    try {
      this.#folders.refuseOutside(temporary.fd, temporary.path);
    } catch (error) {
      this.#fs.close(temporary.fd);
      this.#fs.unlink(temporary.path);
      throw error;
    }
    return temporary;
  }

  #createLogFile(path: string): number {
    const fd = this.#fs.open(path, logFlags);
    try {
      this.#folders.refuseOutside(fd, path);
    } catch (error) {
      this.#fs.close(fd);
      this.#fs.unlink(path);
      throw error;
    }
    return fd;
  }

  /** Makes something in a folder, which is made first if need be, and again if something else removed it. */
  #inFolder<T>(
    folder: string,
    make: (path: string) => T,
    key: string,
  ): { readonly made: T; readonly safe: Promise<void> | undefined } {
    const path = this.#folders.pathOf(folder);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const safe = this.#folders.ensure(folder);
        // Waited for later, together with the rest.
        safe?.catch(() => {});
        return { made: make(path), safe };
      } catch (cause) {
        const code = errnoOf(cause instanceof StorageError ? cause.cause : cause);
        if (code === 'ENOENT' && attempt === 1) {
          this.#folders.forgetAbove(folder);
          continue;
        }
        if (cause instanceof StorageError) throw cause;
        const target = this.#folders.pathOf(key);
        if (code === 'EEXIST' || code === 'ENOTEMPTY') {
          throw new StorageError(`${target} is there already. Choose another name, or remove it first.`, {
            code: 'OBJECT_EXISTS',
            cause,
          });
        }
        throw systemError('write', target, cause);
      }
    }
  }

  #rename(source: string, target: string): void {
    if (this.#kindOf(target) === 'folder') removeHollow(this.#fs, target);
    // Over a file it would fail with another code.
    if (this.#kindOf(target) !== undefined) {
      throw Object.assign(new Error(`EEXIST: ${target} is there already`), { code: 'EEXIST' });
    }
    this.#fs.rename(source, target);
  }

  #kindOf(path: string): ReturnType<FileSystem['lstat']>['kind'] | undefined {
    try {
      return this.#fs.lstat(path).kind;
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw systemError('look at', path, cause);
    }
  }
}
