import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFileSystem, StorageError, systemError } from '@crystallize/core/storage';
import type { Part, Parts } from './parts.ts';

const pieceSize = 1024 * 1024;

/** A body that waits in a file of this machine. */
export interface SpooledBody extends AsyncDisposable {
  /** The bytes; may be called as often as was asked for. */
  read(): AsyncIterable<Uint8Array>;
}

/**
 * Writes a body to a file that has no name and is gone with this process, however that ends.
 * @param limits - Bytes that the file may have, and how often it may be read.
 * @throws what the body throws, or StorageError.
 */
export async function spool(
  first: Part,
  parts: Parts,
  { mostBytes, reads }: { readonly mostBytes: number; readonly reads: number },
): Promise<SpooledBody> {
  const fs = nodeFileSystem;
  const path = join(tmpdir(), `crystallize-${randomUUID()}`);
  const { writer, readers, unlinkLate } = open(path, reads);
  const unread = [...readers];
  const close = (): void => {
    fs.close(writer);
    for (const reader of readers) fs.close(reader);
    if (unlinkLate) fs.unlink(path);
  };
  try {
    for (let part = first; part.bytes.length > 0; part = await parts.next()) {
      try {
        for (let at = 0; at < part.bytes.length; ) at += await fs.writeAsync(writer, part.bytes.subarray(at));
      } catch (cause) {
        throw systemError('write', path, cause);
      } finally {
        part.release();
      }
      if (parts.stored.size > mostBytes)
        throw new StorageError(
          `A streamed artifact has more than ${mostBytes} bytes. This server takes no more in one request, and does not heed 'If-None-Match' for uploads in parts. Write it as several artifacts, or use a server that does.`,
        );
      if (parts.hasEnded) break;
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    async *read() {
      const reader = unread.pop();
      if (reader === undefined) throw new StorageError(`${path} was read more than ${reads} times.`);
      for (;;) {
        const piece = Buffer.allocUnsafeSlow(pieceSize);
        const length = await fs.readAsync(reader, piece);
        if (length === 0) return;
        yield piece.subarray(0, length);
      }
    },
    [Symbol.asyncDispose]: async () => close(),
  };
}

function open(
  path: string,
  reads: number,
): {
  readonly writer: number;
  readonly readers: readonly number[];
  readonly unlinkLate: boolean;
} {
  const fs = nodeFileSystem;
  try {
    const writer = fs.open(
      path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
    );
    // Each read begins at the start, and a file without a name can't be opened again.
    const readers = Array.from({ length: reads }, () => fs.open(path, constants.O_RDONLY));
    // Where open files can't be removed it is done at the end.
    const unlinkLate = process.platform === 'win32';
    if (!unlinkLate) fs.unlink(path);
    return { writer, readers, unlinkLate };
  } catch (cause) {
    throw systemError('make', path, cause);
  }
}
