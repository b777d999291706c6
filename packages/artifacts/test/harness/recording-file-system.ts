import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type FileSystem, nodeFileSystem } from '@crystallize/core/storage';
import type { Journal, JournalEvent, JournalNode } from './journal.ts';

/** A file or folder as the recorder knows it. */
interface Known {
  readonly id: number;
  readonly kind: 'file' | 'folder';
  readonly children: Map<string, Known>;
  size: number;
}

interface Opened {
  readonly known: Known;
  readonly path: string;
  position: number;
}

export interface RecordingOptions {
  readonly base?: FileSystem;
  /** The number of the one fsync, from 0, that does nothing but say that all went well. */
  readonly withoutSync?: number;
}

/**
 * Passes every call on, and keeps a journal of all that changes something under a folder, down to which
 * file a name stood for: what a power cut would leave can then be worked out for any moment.
 */
export class RecordingFileSystem {
  readonly fs: FileSystem;
  /** The paths that were synced, in the order in which that was asked for. */
  readonly syncs: string[] = [];
  readonly #base: FileSystem;
  readonly #root: Known;
  readonly #rootPath: string;
  readonly #nodes: JournalNode[] = [];
  readonly #events: JournalEvent[] = [];
  readonly #opened = new Map<number, Opened>();
  readonly #withoutSync: number | undefined;
  #count = 0;

  /** @param root - The path of a folder; what it holds now is taken for safe. */
  constructor(root: string, { base = nodeFileSystem, withoutSync }: RecordingOptions = {}) {
    this.#base = base;
    this.#rootPath = root;
    this.#withoutSync = withoutSync;
    this.#root = this.#scan(root, 'folder');
    this.fs = this.#record();
  }

  get journal(): Journal {
    return { nodes: this.#nodes, root: this.#root.id, events: this.#events };
  }

  /** Notes that something was told to be done. */
  promise(promised: string): void {
    this.#events.push({ type: 'promise', promised });
  }

  #record(): FileSystem {
    const base = this.#base;
    return {
      open: (path, flags) => {
        const fd = base.open(path, flags);
        const known = this.#find(path) ?? this.#note(path, flags);
        if (known) {
          const position = (flags & constants.O_APPEND) === 0 ? 0 : known.size;
          this.#opened.set(fd, { known, path, position });
        }
        return fd;
      },
      close: (fd) => {
        this.#opened.delete(fd);
        base.close(fd);
      },
      fstat: (fd) => base.fstat(fd),
      lstat: (path) => base.lstat(path),
      read: (fd, into) => base.read(fd, into),
      readAsync: (fd, into) => base.readAsync(fd, into),
      write: (fd, bytes) => this.#wrote(fd, bytes, base.write(fd, bytes)),
      writeAsync: async (fd, bytes) => {
        const copy = bytes.slice();
        return this.#wrote(fd, copy, await base.writeAsync(fd, bytes));
      },
      fsync: (fd) => this.#sync(fd, () => base.fsync(fd)),
      fdatasync: (fd) => this.#sync(fd, () => base.fdatasync(fd)),
      // When a file was changed is of no use after a power cut.
      futimes: (fd, mtime) => base.futimes(fd, mtime),
      mkdir: (path) => {
        base.mkdir(path);
        this.#add('mkdir', path, this.#make('folder'));
      },
      readdir: (path) => base.readdir(path),
      link: (existing, added) => {
        base.link(existing, added);
        this.#add('link', added, this.#get(existing));
      },
      rename: (from, to) => {
        base.rename(from, to);
        this.#rename(from, to);
      },
      unlink: (path) => {
        base.unlink(path);
        this.#remove('unlink', path);
      },
      rmdir: (path) => {
        base.rmdir(path);
        this.#remove('rmdir', path);
      },
      realpath: (path) => base.realpath(path),
      pathOf: (fd) => base.pathOf(fd),
    };
  }

  #wrote(fd: number, bytes: Uint8Array, count: number): number {
    const opened = this.#opened.get(fd);
    if (!opened) return count;
    const { known, path } = opened;
    const at = opened.position;
    this.#events.push({
      type: 'data',
      path: this.#short(path),
      node: known.id,
      at,
      bytes: bytes.slice(0, count),
    });
    opened.position += count;
    known.size = Math.max(known.size, opened.position);
    return count;
  }

  async #sync(fd: number, sync: () => Promise<void>): Promise<void> {
    const opened = this.#opened.get(fd);
    if (!opened) return sync();
    const begun = this.#events.length;
    const path = this.#short(opened.path);
    const didNothing = this.syncs.push(path) - 1 === this.#withoutSync;
    await sync();
    // The higher a folder, the longer it takes: nobody may rely on the order in which they end, nor on luck.
    for (let turns = 2 + 2 * Math.max(0, 8 - path.split('/').length); turns > 0; turns -= 1)
      await setImmediate();
    this.#events.push({ type: 'synced', path, node: opened.known.id, begun, didNothing });
  }

  #note(path: string, flags: number): Known | undefined {
    if ((flags & constants.O_CREAT) === 0 || !this.#find(dirname(path))) return undefined;
    const known = this.#make('file');
    this.#add('create', path, known);
    return known;
  }

  #add(operation: 'create' | 'mkdir' | 'link', path: string, known: Known): void {
    const { folder, name } = this.#place(path);
    folder.children.set(name, known);
    this.#events.push({
      type: 'names',
      operation,
      path: this.#short(path),
      folders: [folder.id],
      added: { folder: folder.id, name, node: known.id, kind: known.kind },
    });
  }

  #remove(operation: 'unlink' | 'rmdir', path: string): void {
    const { folder, name } = this.#place(path);
    folder.children.delete(name);
    const removed = { folder: folder.id, name };
    this.#events.push({ type: 'names', operation, path: this.#short(path), folders: [folder.id], removed });
  }

  #rename(from: string, to: string): void {
    const known = this.#get(from);
    const source = this.#place(from);
    const target = this.#place(to);
    if (target.folder.children.get(target.name) === known) return;
    source.folder.children.delete(source.name);
    target.folder.children.set(target.name, known);
    this.#events.push({
      type: 'names',
      operation: 'rename',
      path: `${this.#short(from)} to ${this.#short(to)}`,
      folders: [...new Set([source.folder.id, target.folder.id])],
      removed: { folder: source.folder.id, name: source.name },
      added: { folder: target.folder.id, name: target.name, node: known.id, kind: known.kind },
    });
  }

  #place(path: string): { readonly folder: Known; readonly name: string } {
    return { folder: this.#get(dirname(path)), name: path.slice(path.lastIndexOf('/') + 1) };
  }

  #get(path: string): Known {
    const known = this.#find(path);
    if (!known) throw new Error(`The recorder knows nothing of ${path}.`);
    return known;
  }

  #find(path: string): Known | undefined {
    if (path === this.#rootPath) return this.#root;
    if (!path.startsWith(`${this.#rootPath}/`)) return undefined;
    let at: Known | undefined = this.#root;
    for (const part of path.slice(this.#rootPath.length + 1).split('/')) at = at?.children.get(part);
    return at;
  }

  #make(kind: Known['kind'], size = 0): Known {
    return { id: this.#count++, kind, children: new Map(), size };
  }

  #scan(path: string, kind: 'file' | 'folder'): Known {
    const bytes = kind === 'file' ? this.#readWhole(path) : new Uint8Array();
    const known = this.#make(kind, bytes.length);
    const children = new Map<string, number>();
    if (kind === 'folder') {
      for (const entry of this.#base.readdir(path)) {
        if (entry.kind === 'link' || entry.kind === 'other')
          throw new Error(`${path}/${entry.name} can't be recorded.`);
        const child = this.#scan(`${path}/${entry.name}`, entry.kind);
        known.children.set(entry.name, child);
        children.set(entry.name, child.id);
      }
    }
    this.#nodes.push({ id: known.id, kind, bytes, children });
    return known;
  }

  #readWhole(path: string): Uint8Array {
    const fd = this.#base.open(path, constants.O_RDONLY);
    const bytes = new Uint8Array(this.#base.fstat(fd).size);
    for (let at = 0; at < bytes.length; ) at += this.#base.read(fd, bytes.subarray(at));
    this.#base.close(fd);
    return bytes;
  }

  #short(path: string): string {
    return path === this.#rootPath ? '.' : path.slice(this.#rootPath.length + 1);
  }
}
