import { constants } from 'node:fs';
import { resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StorageError } from '../errors/storage-errors.ts';
import type { FileSystem } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';
import type { ReadableStore, StoreChild } from './store.ts';
import { assertStoreKey, temporaryPrefix } from './store-key.ts';
import { isMissing, systemError } from './system-error.ts';

const smallFile = 64 * 1024;
const streamChunk = 1024 * 1024;
// A pipe in place of a file must not stop the process, and a link put there meanwhile is not followed.
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * Reads a folder in which a file store keeps its objects. It need not exist. Names that would lead
 * out of it are refused, links among them.
 *
 * @example
 * const saved = savedExperiment(readFolder('artifacts'), 'penguins');
 */
export function readFolder(rootDir: string, fs: FileSystem = nodeFileSystem): ReadableStore {
  return new FolderReader(rootDir, fs);
}

class FolderReader implements ReadableStore {
  readonly location: string;
  readonly #root: string;
  readonly #fs: FileSystem;
  #realRootPath: string | undefined;

  constructor(rootDir: string, fs: FileSystem) {
    this.#root = resolve(rootDir);
    this.#fs = fs;
    this.location = pathToFileURL(this.#root).href;
  }

  localPath(key: string): string {
    assertStoreKey(key);
    return this.#pathOf(key);
  }

  async size(key: string): Promise<number | undefined> {
    const path = this.#find(key);
    if (path === undefined) return undefined;
    const info = this.#attempt('look at', path, () => this.#fs.lstat(path));
    return info?.kind === 'file' ? info.size : undefined;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const file = this.#openFile(key);
    if (!file) return undefined;
    const { fd, path } = file;
    try {
      const bytes = new Uint8Array(file.size);
      let length = 0;
      while (length < bytes.length) {
        const rest = bytes.subarray(length);
        const count = rest.length <= smallFile ? this.#fs.read(fd, rest) : await this.#fs.readAsync(fd, rest);
        if (count === 0) break;
        length += count;
      }
      return length === bytes.length ? bytes : bytes.slice(0, length);
    } catch (cause) {
      throw systemError('read', path, cause);
    } finally {
      this.#attempt('close', path, () => this.#fs.close(fd));
    }
  }

  async *stream(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    const file = this.#openFile(key);
    if (!file) {
      throw new StorageError(`There is no ${this.#pathOf(key)} to be read.`, { code: 'OBJECT_MISSING' });
    }
    try {
      for (;;) {
        const chunk = new Uint8Array(Math.min(streamChunk, Math.max(file.size, 4096)));
        const count = await this.#fs.readAsync(file.fd, chunk);
        if (count === 0) return;
        yield chunk.subarray(0, count);
      }
    } catch (cause) {
      throw systemError('read', file.path, cause);
    } finally {
      this.#attempt('close', file.path, () => this.#fs.close(file.fd));
    }
  }

  async children(folder: string): Promise<readonly StoreChild[]> {
    if (folder !== '') assertStoreKey(folder);
    return this.#childrenOf(folder);
  }

  async *list(
    folder: string,
  ): AsyncGenerator<{ readonly key: string; readonly size: number }, void, undefined> {
    if (folder !== '') assertStoreKey(folder);
    // Children are sorted by name; whole keys sort otherwise where a name begins with another one.
    const pending = this.#sortedByKey(folder);
    while (pending.length > 0) {
      const next = pending.pop() as { key: string; kind: StoreChild['kind'] };
      if (next.kind === 'folder') {
        pending.push(...this.#sortedByKey(next.key));
        continue;
      }
      const path = this.#locate(next.key);
      const info =
        path === undefined ? undefined : this.#attempt('look at', path, () => this.#fs.lstat(path));
      if (info) yield { key: next.key, size: info.size };
    }
  }

  readLog(key: string): Promise<Uint8Array | undefined> {
    return this.get(key);
  }

  #sortedByKey(folder: string): { key: string; kind: StoreChild['kind'] }[] {
    const order = (child: StoreChild) => (child.kind === 'folder' ? `${child.name}/` : child.name);
    return this.#childrenOf(folder)
      .toSorted((a, b) => (order(a) < order(b) ? 1 : -1))
      .map(({ name, kind }) => ({ key: folder === '' ? name : `${folder}/${name}`, kind }));
  }

  #childrenOf(folder: string): readonly StoreChild[] {
    const path = folder === '' ? this.#realRoot() : this.#locate(folder);
    if (path === undefined) return [];
    const entries = this.#attempt('list', path, () => this.#fs.readdir(path));
    const children: StoreChild[] = [];
    for (const { name, kind } of entries ?? []) {
      if (name.startsWith(temporaryPrefix)) continue;
      const found = kind === 'link' ? this.#kindOfTarget(`${path}${sep}${name}`) : kind;
      if (found === 'file') children.push({ name, kind: 'object' });
      else if (found === 'folder') children.push({ name, kind: 'folder' });
    }
    return children.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #kindOfTarget(link: string): 'file' | 'folder' | undefined {
    const target = this.#real(link);
    // A link that leads out is as good as not there; asking for it says why.
    if (target === undefined || !this.#isInside(target)) return undefined;
    const kind = this.#attempt('look at', target, () => this.#fs.lstat(target))?.kind;
    return kind === 'file' || kind === 'folder' ? kind : undefined;
  }

  #openFile(key: string): { readonly fd: number; readonly path: string; readonly size: number } | undefined {
    const path = this.#find(key);
    if (path === undefined) return undefined;
    const fd = this.#attempt('open', path, () => this.#fs.open(path, readFlags));
    if (fd === undefined) return undefined;
    try {
      const { kind, size } = this.#fs.fstat(fd);
      if (kind === 'file') return { fd, path, size };
    } catch (cause) {
      this.#attempt('close', path, () => this.#fs.close(fd));
      throw systemError('look at', path, cause);
    }
    this.#attempt('close', path, () => this.#fs.close(fd));
    // Objects and folders have names of their own in a store: a folder is no object.
    if (this.#attempt('look at', path, () => this.#fs.lstat(path))?.kind === 'folder') return undefined;
    throw new StorageError(`${path} is neither a file nor a folder, so it can't be read. Remove it.`);
  }

  #find(key: string): string | undefined {
    assertStoreKey(key);
    return this.#locate(key);
  }

  /**
   * The real path of a key, `undefined` when nothing is there. Names that were found in a listing need
   * not obey the rules for keys: what others have put there must not hide the rest.
   */
  #locate(key: string): string | undefined {
    const path = this.#real(this.#pathOf(key));
    if (path !== undefined && !this.#isInside(path)) {
      throw new StorageError(
        `${this.#pathOf(key)} leads out of ${this.#root} by a symbolic link, to ${path}. Replace the link by what it points to.`,
      );
    }
    return path;
  }

  #isInside(path: string): boolean {
    const root = this.#realRoot();
    return root !== undefined && path.startsWith(root.endsWith(sep) ? root : root + sep);
  }

  #realRoot(): string | undefined {
    this.#realRootPath ??= this.#real(this.#root);
    return this.#realRootPath;
  }

  #real(path: string): string | undefined {
    return this.#attempt('find', path, () => this.#fs.realpath(path));
  }

  #pathOf(key: string): string {
    return `${this.#root}${sep}${sep === '/' ? key : key.replaceAll('/', sep)}`;
  }

  /** The outcome, `undefined` when the file is missing. */
  #attempt<T>(action: string, path: string, operation: () => T): T | undefined {
    try {
      return operation();
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw systemError(action, path, cause);
    }
  }
}
