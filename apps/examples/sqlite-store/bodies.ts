import { createHash, randomUUID } from 'node:crypto';
import { StorageError, type StoredObject } from '@crystallize/core/storage';
import type { Connection } from './connection.ts';

const chunkSize = 1024 * 1024;
/** Milliseconds after which what was never published is taken for what a dead process has left. */
const abandonedAfter = 7 * 24 * 60 * 60 * 1000;

/** What is to be published. */
export interface WrittenBody extends StoredObject {
  readonly body: string;
  /** The chunks that are in the database already: all but the last. */
  readonly chunks: number;
  readonly last: Uint8Array | undefined;
}

/**
 * Takes a body in, of which only a chunk or two are held in memory. Those before the last are written; no key
 * leads to them, so that nobody sees them.
 */
export async function writeBody(
  connection: Connection,
  source: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<WrittenBody> {
  const body = randomUUID();
  const hash = createHash('sha256');
  let size = 0;
  let chunks = 0;
  let last: Uint8Array | undefined;
  try {
    for await (const chunk of chunksOf(source)) {
      hash.update(chunk);
      size += chunk.length;
      if (last) writeChunk(connection, body, chunks++, last);
      last = chunk;
    }
  } catch (error) {
    dropBody(connection, body);
    throw error;
  }
  return { body, chunks, last, size, sha256: hash.digest('hex') };
}

function writeChunk(connection: Connection, body: string, number: number, bytes: Uint8Array): void {
  connection.transaction(() => {
    if (number === 0) connection.run('INSERT INTO unfinished VALUES (?, ?)', body, Date.now());
    connection.run('INSERT INTO chunks VALUES (?, ?, ?)', body, number, bytes);
  });
}

/** Writes what is missing of a body. To be called in the transaction that makes a key lead to it. */
export function finishBody(connection: Connection, { body, chunks, last }: WrittenBody): void {
  if (last) connection.run('INSERT INTO chunks VALUES (?, ?, ?)', body, chunks, last);
  if (chunks === 0 || connection.run('DELETE FROM unfinished WHERE body = ?', body) === 1) return;
  throw new StorageError('This write took so long that it was taken for abandoned. Write it again.');
}

/** Removes a body and its mark. */
export function dropBody(connection: Connection, body: string): void {
  connection.transaction(() => {
    connection.run('DELETE FROM chunks WHERE body = ?', body);
    connection.run('DELETE FROM unfinished WHERE body = ?', body);
  });
}

/** Removes what killed processes have left. */
export function dropAbandoned(connection: Connection): void {
  const before = Date.now() - abandonedAfter;
  const left = connection.all<{ body: string }>('SELECT body FROM unfinished WHERE begun < ?', before);
  for (const { body } of left) dropBody(connection, body);
}

/** A body in chunks of one size, but for the last. The pieces of a stream may be of any size, and reused by it. */
async function* chunksOf(
  source: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let chunk = new Uint8Array(chunkSize);
  let filled = 0;
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + chunkSize - filled);
      chunk.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < chunkSize) continue;
      yield chunk;
      chunk = new Uint8Array(chunkSize);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
