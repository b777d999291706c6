import { constants } from 'node:fs';
import type { FileInfo, FileSystem, FolderEntry } from '@crystallize/core/storage';
import { copyTree, type DiskNode, type FileNode, type FolderNode } from './disk-node.ts';

/** Where every {@link MemoryDisk} is to be found. */
export const diskRoot = '/disk';

interface OpenFile {
  readonly node: DiskNode;
  readonly path: string;
  readonly flags: number;
  position: number;
}

/**
 * A disk in memory with the calls and errors of the real one, without links and modes: thousands of
 * them are made in a second. `memory-disk.test.ts` compares it with the real one.
 */
export class MemoryDisk implements FileSystem {
  readonly root: FolderNode;
  readonly #open = new Map<number, OpenFile>();
  #nextFd = 1000;

  /** @param root - What {@link diskRoot} holds. */
  constructor(root: FolderNode = { kind: 'folder', children: new Map() }) {
    this.root = root;
  }

  /** A disk that holds the same now. */
  clone(): MemoryDisk {
    return new MemoryDisk(copyTree(this.root));
  }

  /** How many files and folders are open. */
  get openCount(): number {
    return this.#open.size;
  }

  open(path: string, flags: number): number {
    const node = this.#find(path) ?? this.#create(path, flags);
    if ((flags & constants.O_EXCL) !== 0 && (flags & constants.O_CREAT) !== 0 && !this.#isNew(node))
      throw diskError('EEXIST', 'open', path);
    if (node.kind === 'folder' && (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0)
      throw diskError('EISDIR', 'open', path);
    if (node.kind === 'file' && (flags & constants.O_DIRECTORY) !== 0)
      throw diskError('ENOTDIR', 'open', path);
    this.#fresh = undefined;
    const fd = this.#nextFd++;
    this.#open.set(fd, { node, path, flags, position: 0 });
    return fd;
  }

  close(fd: number): void {
    if (!this.#open.delete(fd)) throw diskError('EBADF', 'close', String(fd));
  }

  fstat(fd: number): FileInfo {
    return infoOf(this.#opened(fd, 'fstat').node);
  }

  lstat(path: string): FileInfo {
    return infoOf(this.#get(path, 'lstat'));
  }

  read(fd: number, into: Uint8Array): number {
    const file = this.#opened(fd, 'read');
    if (file.node.kind === 'folder') throw diskError('EISDIR', 'read', file.path);
    if ((file.flags & constants.O_WRONLY) !== 0) throw diskError('EBADF', 'read', file.path);
    const piece = file.node.bytes.subarray(file.position, file.position + into.length);
    into.set(piece);
    file.position += piece.length;
    return piece.length;
  }

  async readAsync(fd: number, into: Uint8Array): Promise<number> {
    return this.read(fd, into);
  }

  write(fd: number, bytes: Uint8Array): number {
    const file = this.#opened(fd, 'write');
    if (file.node.kind === 'folder' || (file.flags & (constants.O_WRONLY | constants.O_RDWR)) === 0)
      throw diskError('EBADF', 'write', file.path);
    const at = (file.flags & constants.O_APPEND) === 0 ? file.position : file.node.bytes.length;
    file.node.bytes = withBytesAt(file.node.bytes, at, bytes);
    file.node.mtime = Date.now();
    file.position = at + bytes.length;
    return bytes.length;
  }

  async writeAsync(fd: number, bytes: Uint8Array): Promise<number> {
    return this.write(fd, bytes);
  }

  async fsync(fd: number): Promise<void> {
    this.#opened(fd, 'fsync');
  }

  async fdatasync(fd: number): Promise<void> {
    this.#opened(fd, 'fdatasync');
  }

  futimes(fd: number, mtime: number): void {
    const { node } = this.#opened(fd, 'futimes');
    if (node.kind === 'file') node.mtime = mtime;
  }

  mkdir(path: string): void {
    const { folder, name } = this.#place(path, 'mkdir');
    if (folder.children.has(name)) throw diskError('EEXIST', 'mkdir', path);
    folder.children.set(name, { kind: 'folder', children: new Map() });
  }

  readdir(path: string): readonly FolderEntry[] {
    const node = this.#get(path, 'scandir');
    if (node.kind === 'file') throw diskError('ENOTDIR', 'scandir', path);
    return [...node.children].map(([name, { kind }]) => ({ name, kind }));
  }

  link(existing: string, added: string): void {
    const node = this.#get(existing, 'link');
    const { folder, name } = this.#place(added, 'link');
    if (folder.children.has(name)) throw diskError('EEXIST', 'link', added);
    if (node.kind === 'folder') throw diskError('EPERM', 'link', existing);
    folder.children.set(name, node);
  }

  rename(from: string, to: string): void {
    const source = this.#place(from, 'rename');
    const target = this.#place(to, 'rename');
    const node = this.#get(from, 'rename');
    const there = target.folder.children.get(target.name);
    if (there === node) return;
    if (to.startsWith(`${from}/`)) throw diskError('EINVAL', 'rename', to);
    if (from.startsWith(`${to}/`)) throw diskError('ENOTEMPTY', 'rename', to);
    if (there?.kind === 'folder' && node.kind === 'file') throw diskError('EISDIR', 'rename', to);
    if (there?.kind === 'file' && node.kind === 'folder') throw diskError('ENOTDIR', 'rename', to);
    if (there?.kind === 'folder' && there.children.size > 0) throw diskError('ENOTEMPTY', 'rename', to);
    source.folder.children.delete(source.name);
    target.folder.children.set(target.name, node);
  }

  unlink(path: string): void {
    const { folder, name } = this.#place(path, 'unlink');
    if (this.#get(path, 'unlink').kind === 'folder') throw diskError('EISDIR', 'unlink', path);
    folder.children.delete(name);
  }

  rmdir(path: string): void {
    const node = this.#get(path, 'rmdir');
    if (node.kind === 'file') throw diskError('ENOTDIR', 'rmdir', path);
    if (node.children.size > 0) throw diskError('ENOTEMPTY', 'rmdir', path);
    const { folder, name } = this.#place(path, 'rmdir');
    folder.children.delete(name);
  }

  realpath(path: string): string {
    this.#get(path, 'realpath');
    return path;
  }

  pathOf(fd: number): string {
    return this.#opened(fd, 'readlink').path;
  }

  #fresh: FileNode | undefined;

  #isNew(node: DiskNode): boolean {
    return this.#fresh === node;
  }

  #create(path: string, flags: number): FileNode {
    if ((flags & constants.O_CREAT) === 0) throw diskError('ENOENT', 'open', path);
    const { folder, name } = this.#place(path, 'open');
    this.#fresh = { kind: 'file', bytes: new Uint8Array(), mtime: Date.now() };
    folder.children.set(name, this.#fresh);
    return this.#fresh;
  }

  #opened(fd: number, syscall: string): OpenFile {
    const file = this.#open.get(fd);
    if (!file) throw diskError('EBADF', syscall, String(fd));
    return file;
  }

  #get(path: string, syscall: string): DiskNode {
    const node = this.#find(path, syscall);
    if (!node) throw diskError('ENOENT', syscall, path);
    return node;
  }

  #place(path: string, syscall: string): { readonly folder: FolderNode; readonly name: string } {
    const end = path.lastIndexOf('/');
    const folder = this.#get(path.slice(0, end), syscall);
    if (folder.kind === 'file') throw diskError('ENOTDIR', syscall, path);
    return { folder, name: path.slice(end + 1) };
  }

  #find(path: string, syscall = 'open'): DiskNode | undefined {
    if (path === diskRoot) return this.root;
    if (!path.startsWith(`${diskRoot}/`)) throw diskError('ENOENT', syscall, path);
    let at: DiskNode | undefined = this.root;
    for (const part of path.slice(diskRoot.length + 1).split('/')) {
      if (at.kind === 'file') throw diskError('ENOTDIR', syscall, path);
      const next: DiskNode | undefined = at.children.get(part);
      if (!next) return undefined;
      at = next;
    }
    return at;
  }
}

/** Bytes with others put over them from a place on; zeros fill what would be between. */
export function withBytesAt(old: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(Math.max(old.length, at + bytes.length));
  joined.set(old);
  joined.set(bytes, at);
  return joined;
}

function infoOf(node: DiskNode): FileInfo {
  return node.kind === 'file'
    ? { kind: 'file', size: node.bytes.length, mtime: node.mtime }
    : { kind: 'folder', size: 0, mtime: 0 };
}

function diskError(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}
