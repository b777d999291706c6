/**
 * All file input and output of what is stored goes through this: what fails, or is recorded, in a test
 * can then stand in for the real one. Small things are done by synchronous calls, which cost an eighth
 * of asynchronous ones; what waits for a device is asynchronous. Errors are those of `node:fs`.
 */
export interface FileSystem {
  /** Opens a file or a folder. @param flags - Those of `node:fs.constants`. */
  open(path: string, flags: number): number;
  close(fd: number): void;
  fstat(fd: number): FileInfo;
  /** Of the path itself: a link is not followed. */
  lstat(path: string): FileInfo;
  /** Reads at the file's position; fewer bytes than asked for is no error, 0 is the end. */
  read(fd: number, into: Uint8Array): number;
  readAsync(fd: number, into: Uint8Array): Promise<number>;
  /** Writes at the file's position; may write fewer bytes than given. */
  write(fd: number, bytes: Uint8Array): number;
  writeAsync(fd: number, bytes: Uint8Array): Promise<number>;
  /** Makes a file, or the names in a folder, safe from a power cut. */
  fsync(fd: number): Promise<void>;
  /** The same for a file's bytes and size alone. */
  fdatasync(fd: number): Promise<void>;
  /** Says when a file was last changed. @param mtime - As in {@link FileInfo}. */
  futimes(fd: number, mtime: number): void;
  /** One folder whose parent exists. */
  mkdir(path: string): void;
  readdir(path: string): readonly FolderEntry[];
  /** Fails when the new name is taken. */
  link(existing: string, added: string): void;
  /** Replaces what is there. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  rmdir(path: string): void;
  realpath(path: string): string;
  /** Where an open file really is, links resolved; `undefined` where the system does not tell. */
  pathOf(fd: number): string | undefined;
}

/** What a path or descriptor stands for. */
export interface FileInfo {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970, as fine as the system keeps it. */
  readonly mtime: number;
}

/** A name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** `other`: pipes, sockets, devices. */
export type FileKind = 'file' | 'folder' | 'link' | 'other';
