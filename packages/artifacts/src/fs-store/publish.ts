import { createHash, hash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { sep } from 'node:path';
import {
  errnoOf,
  type FileSystem,
  InvalidArgumentError,
  StorageError,
  type StoredObject,
  systemError,
  temporaryPrefix,
} from '@crystallize/core/storage';
import { linkExclusively } from './link-exclusively.ts';

/** Bytes up to here are written by one synchronous call, which costs less than the way to a thread and back. */
export const smallBody: number = 64 * 1024;
/** Each piece costs a way to a thread and back; but hashing one keeps all other work waiting. */
const pieceSize = 16 * 1024 * 1024;
const gatherSize = 1024 * 1024;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Where a file is to appear, in a folder that exists. */
export interface PublishPlace {
  /** Path of the file. */
  readonly path: string;
  /** Only if the name is free. */
  readonly ifAbsent: boolean;
}

/**
 * Publishes files whole or not at all: under a temporary name first, and under their own when all is
 * written, counted and safe.
 */
export class Publisher {
  readonly #fs: FileSystem;
  readonly #durable: boolean;
  // Short whatever the final name is, and never the same twice.
  readonly #prefix = `${temporaryPrefix}${randomBytes(8).toString('hex')}-`;
  #count = 0;

  constructor(fs: FileSystem, durable: boolean) {
    this.#fs = fs;
    this.#durable = durable;
  }

  /** Creates a temporary file. @throws the system's error, so that the caller can tell a missing folder. */
  create(folder: string): TemporaryFile {
    const path = `${folder}${sep}${this.#prefix}${(this.#count++).toString(36)}`;
    return { path, fd: this.#fs.open(path, createFlags) };
  }

  /** The path of a temporary file with those bytes, safe and closed. */
  async writeTemporary(folder: string, bytes: Uint8Array): Promise<string> {
    const { path, fd } = this.create(folder);
    try {
      writeAll(this.#fs, fd, bytes, path);
      if (this.#durable) await this.#fs.fsync(fd);
    } catch (error) {
      ignoreErrors(() => this.#fs.unlink(path));
      throw error;
    } finally {
      this.#fs.close(fd);
    }
    return path;
  }

  /** Fills a temporary file and publishes it. The file is closed and gone afterwards, whatever happens. */
  async publish(
    temporary: TemporaryFile,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    place: PublishPlace,
  ): Promise<StoredObject> {
    let open = true;
    try {
      const stored = await this.#fill(temporary, body, place);
      const { size } = this.#fs.fstat(temporary.fd);
      if (size !== stored.size) {
        throw new StorageError(
          `Could not write ${place.path}: the system took ${stored.size} bytes and kept ${size}. Check the disk.`,
        );
      }
      if (this.#durable) await this.#fs.fsync(temporary.fd);
      open = false;
      this.#fs.close(temporary.fd);
      if (place.ifAbsent) linkExclusively(this.#fs, temporary.path, place.path);
      else this.#fs.rename(temporary.path, place.path);
      return stored;
    } catch (error) {
      if (open) ignoreErrors(() => this.#fs.close(temporary.fd));
      ignoreErrors(() => this.#fs.unlink(temporary.path));
      if (error instanceof BodyError) throw error.cause;
      if (errnoOf(error) === 'EEXIST' && place.ifAbsent) {
        throw new StorageError(`${place.path} is there already, and was to be written only if it was not.`, {
          code: 'OBJECT_EXISTS',
          cause: error,
        });
      }
      throw systemError('write', place.path, error);
    }
  }

  async #fill(
    temporary: TemporaryFile,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    place: PublishPlace,
  ): Promise<StoredObject> {
    if (!(body instanceof Uint8Array)) return this.#fillFrom(temporary, body, place);
    if (body.length <= smallBody) {
      writeAll(this.#fs, temporary.fd, body, place.path);
      return { size: body.length, sha256: hash('sha256', body) };
    }
    const hashing = createHash('sha256');
    for (let at = 0; at < body.length; at += pieceSize) {
      await this.#writePiece(temporary, body.subarray(at, at + pieceSize), hashing, place);
    }
    return { size: body.length, sha256: hashing.digest('hex') };
  }

  async #fillFrom(
    temporary: TemporaryFile,
    body: AsyncIterable<Uint8Array>,
    place: PublishPlace,
  ): Promise<StoredObject> {
    const hashing = createHash('sha256');
    let size = 0;
    for await (const piece of gathered(body)) {
      size += piece.length;
      await this.#writePiece(temporary, piece, hashing, place);
    }
    return { size, sha256: hashing.digest('hex') };
  }

  /** Hashes here while a thread writes. */
  async #writePiece(
    temporary: TemporaryFile,
    piece: Uint8Array,
    hashing: ReturnType<typeof createHash>,
    place: PublishPlace,
  ): Promise<void> {
    const writing = writeAllAsync(this.#fs, temporary.fd, piece, place.path);
    // The hash can't fail, so the promise is always waited for.
    hashing.update(piece);
    await writing;
  }
}

/** A file that nobody reads yet. */
export interface TemporaryFile {
  readonly path: string;
  readonly fd: number;
}

/** Writes all bytes; the system may take them in parts. */
export function writeAll(fs: FileSystem, fd: number, bytes: Uint8Array, path: string): void {
  for (let at = 0; at < bytes.length; ) {
    const count = fs.write(fd, at === 0 ? bytes : bytes.subarray(at));
    if (count <= 0) throw shortWrite(path, at, bytes.length);
    at += count;
  }
}

/** The same without stopping other work meanwhile. */
export async function writeAllAsync(
  fs: FileSystem,
  fd: number,
  bytes: Uint8Array,
  path: string,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const count = await fs.writeAsync(fd, at === 0 ? bytes : bytes.subarray(at));
    if (count <= 0) throw shortWrite(path, at, bytes.length);
    at += count;
  }
}

function shortWrite(path: string, written: number, length: number): StorageError {
  return new StorageError(
    `Could not write ${path}: the system took ${written} of ${length} bytes and no more. Check the disk.`,
  );
}

/** An error of the body's own, to be told from those of the file system. */
class BodyError extends Error {}

/** The pieces of a body, small ones put together. A piece is done with before the next is asked for. */
async function* gathered(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let buffer: Uint8Array | undefined;
  let filled = 0;
  for await (const piece of ownErrors(body)) {
    if (buffer && filled + piece.length > buffer.length) {
      yield buffer.subarray(0, filled);
      filled = 0;
    }
    if (piece.length >= gatherSize / 2) {
      if (buffer && filled > 0) yield buffer.subarray(0, filled);
      filled = 0;
      yield piece;
    } else {
      buffer ??= new Uint8Array(gatherSize);
      buffer.set(piece, filled);
      filled += piece.length;
    }
  }
  if (buffer && filled > 0) yield buffer.subarray(0, filled);
}

async function* ownErrors(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = body[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await iterator.next();
      } catch (cause) {
        ended = true;
        throw new BodyError('The body threw', { cause });
      }
      if (next.done) {
        ended = true;
        return;
      }
      if (!(next.value instanceof Uint8Array)) {
        const cause = new InvalidArgumentError(
          `A piece of the body is ${typeof next.value}; each must be a Uint8Array.`,
        );
        throw new BodyError('The body is wrong', { cause });
      }
      yield next.value;
    }
  } finally {
    // Not waited for: a body that hangs must not keep the error of a full disk back.
    if (!ended) iterator.return?.()?.then(undefined, () => {});
  }
}

function ignoreErrors(operation: () => void): void {
  try {
    operation();
  } catch {
    // The first error is the one to report; what stays is a temporary file that nobody reads.
  }
}
