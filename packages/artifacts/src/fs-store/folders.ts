import { constants } from 'node:fs';
import { dirname, sep } from 'node:path';
import { errnoOf, type FileSystem, StorageError, systemError } from '@crystallize/core/storage';
import { KnownFolders } from './known-folders.ts';
import { parentOf } from './parent-of.ts';

const folderFlags = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * The folders of a file store: makes them as they are needed, each once, and makes the names in them
 * safe. Calls that ask for the same folder at the same time share one fsync.
 */
export class Folders {
  readonly #root: string;
  readonly #fs: FileSystem;
  readonly #durable: boolean;
  readonly #known = new KnownFolders();
  readonly #syncs = new Map<string, PendingSync>();
  /** Folders whose fsync failed. The system forgets what it could not write, so a second try proves nothing. */
  readonly #broken = new Map<string, StorageError>();

  #realRoot: string | undefined;

  constructor(root: string, fs: FileSystem, durable: boolean) {
    this.#root = root;
    this.#fs = fs;
    this.#durable = durable;
  }

  /** The path of a folder, by its key; `''` is the root. */
  pathOf(folder: string): string {
    return folder === ''
      ? this.#root
      : `${this.#root}${sep}${sep === '/' ? folder : folder.replaceAll('/', sep)}`;
  }

  /**
   * Sees that a folder is there; throws when it can't be made. What it returns resolves when the folder
   * is safe; `undefined` when it is already.
   */
  ensure(folder: string): Promise<void> | undefined {
    const known = this.#known.get(folder);
    if (known !== undefined) return known === true ? undefined : known;
    const above = folder === '' ? undefined : this.ensure(parentOf(folder));
    const path = this.pathOf(folder);
    // Also of a folder that is there: who made it may have died before it was safe.
    if (folder === '') this.#makeRoot(path);
    else this.#make(path);
    if (!this.#durable) {
      this.#known.set(folder, true);
      return undefined;
    }
    const parent = folder === '' ? this.#syncAbove(dirname(path)) : this.sync(parentOf(folder));
    const safe = (above ? Promise.all([above, parent]) : parent).then(() => {
      if (this.#known.get(folder) === safe) this.#known.set(folder, true);
    });
    safe.catch(() => {
      if (this.#known.get(folder) === safe) this.#known.delete(folder);
    });
    this.#known.set(folder, safe);
    return safe;
  }

  /** Makes the names in a folder safe; shares one fsync with every call that comes before it starts. */
  sync(folder: string): Promise<void> {
    if (!this.#durable) return Promise.resolve();
    const pending = this.#syncs.get(folder);
    if (!pending) return this.#startSync(folder);
    // The one under way may have begun before the caller's change.
    pending.next ??= pending.running.then(
      () => this.#startSync(folder),
      () => this.#startSync(folder),
    );
    return pending.next;
  }

  /** Refuses a link among the folders of a key, where a write would leave the root. */
  refuseLinks(folder: string): void {
    for (let at = folder; at !== ''; at = parentOf(at)) {
      const path = this.pathOf(at);
      const kind = attempt(() => this.#fs.lstat(path).kind, 'look at', path);
      if (kind === 'link') throw linkError(path);
    }
  }

  /** Refuses a file that was just made elsewhere than in the root, by a link that came in meanwhile. */
  refuseOutside(fd: number, path: string): void {
    const real = this.#fs.pathOf(fd);
    if (real === undefined) return;
    this.#realRoot ??= attemptOrThrow(() => this.#fs.realpath(this.#root), 'find', this.#root);
    if (!real.startsWith(this.#realRoot === sep ? sep : this.#realRoot + sep)) {
      throw new StorageError(
        `${path} leads out of ${this.#root} by a symbolic link, to ${real}. ${linkAdvice}`,
      );
    }
  }

  /** Forgets a folder and all below it: it was moved or removed. */
  forget(folder: string): void {
    this.#known.deleteAll(folder);
  }

  /** Forgets a folder and all above it, when something else removed one of them. */
  forgetAbove(folder: string): void {
    for (let at = folder; at !== ''; at = parentOf(at)) this.#known.delete(at);
    this.#known.delete('');
  }

  #make(path: string): void {
    try {
      this.#fs.mkdir(path);
    } catch (cause) {
      if (errnoOf(cause) !== 'EEXIST') throw systemError('make the folder', path, cause);
      const { kind } = attempt(() => this.#fs.lstat(path), 'look at', path) ?? { kind: 'other' };
      if (kind === 'link') throw linkError(path);
      if (kind !== 'folder') {
        throw new StorageError(
          `Could not make the folder ${path}: there is a file of that name. Move it away.`,
          { cause },
        );
      }
    }
  }

  // One by one: Node's recursive mkdir reports a full or read-only disk as a missing folder.
  #makeRoot(path: string): void {
    try {
      this.#fs.mkdir(path);
    } catch (cause) {
      const code = errnoOf(cause);
      // The root itself may be a link: it is where the user chose to go.
      if (code === 'EEXIST') return;
      if (code !== 'ENOENT' || dirname(path) === path) throw systemError('make the folder', path, cause);
      this.#makeRoot(dirname(path));
      try {
        this.#fs.mkdir(path);
      } catch (second) {
        if (errnoOf(second) !== 'EEXIST') throw systemError('make the folder', path, second);
      }
    }
  }

  /** Of the folder that holds the root, which may belong to someone who does not let us open it. */
  async #syncAbove(path: string): Promise<void> {
    let fd: number;
    try {
      fd = this.#fs.open(path, constants.O_RDONLY);
    } catch (cause) {
      if (['EACCES', 'EPERM'].includes(errnoOf(cause) ?? '')) return;
      throw systemError('open the folder', path, cause);
    }
    await this.#fsync(fd, path);
  }

  #startSync(folder: string): Promise<void> {
    const running = this.#syncNow(folder);
    const state: PendingSync = { running, next: undefined };
    this.#syncs.set(folder, state);
    const settle = () => {
      if (this.#syncs.get(folder) === state && !state.next) this.#syncs.delete(folder);
    };
    running.then(settle, settle);
    return running;
  }

  async #syncNow(folder: string): Promise<void> {
    const broken = this.#broken.get(folder);
    if (broken) throw broken;
    const path = this.pathOf(folder);
    if (process.platform === 'win32') return;
    const fd = attemptOrThrow(
      () => this.#fs.open(path, folder === '' ? constants.O_RDONLY : folderFlags),
      'open the folder',
      path,
    );
    try {
      await this.#fsync(fd, path);
    } catch (error) {
      if (error instanceof StorageError) this.#broken.set(folder, error);
      throw error;
    }
  }

  async #fsync(fd: number, path: string): Promise<void> {
    try {
      await this.#fs.fsync(fd);
    } catch (cause) {
      // Some file systems have no fsync for folders, and make names safe by themselves.
      const code = errnoOf(cause);
      if (code !== 'EINVAL' && code !== 'ENOTSUP') throw systemError('make safe the folder', path, cause);
    } finally {
      attemptOrThrow(() => this.#fs.close(fd), 'close the folder', path);
    }
  }
}

interface PendingSync {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

function linkError(path: string): StorageError {
  return new StorageError(
    `${path} is a symbolic link; nothing is written through links below the root of a store. ${linkAdvice}`,
  );
}

const linkAdvice = 'Replace the link by a folder, or make what it points to the root.';

function attempt<T>(operation: () => T, action: string, path: string): T | undefined {
  try {
    return operation();
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw systemError(action, path, cause);
  }
}

function attemptOrThrow<T>(operation: () => T, action: string, path: string): T {
  try {
    return operation();
  } catch (cause) {
    throw systemError(action, path, cause);
  }
}
