import { createHash } from 'node:crypto';
import { StorageError } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { mapConcurrently } from '../bucket/map-concurrently.ts';
import type { Publisher } from '../publish/publisher.ts';
import { pieceKey, wholeKey } from './log-pieces.ts';

const readAtOnce = 32;
const mostRemovedAtOnce = 1000;

/** What a log is closed with. */
export interface ClosingTools {
  readonly bucket: Bucket;
  readonly publisher: Publisher;
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
}

/**
 * Puts one object in the place of the pieces of a log, so that it is read by one request. The bytes are
 * those that the server has: they are compared with what was appended before they count.
 */
export async function closedLog(
  { bucket, publisher, read }: ClosingTools,
  key: string,
  id: string,
  pieces: number,
  size: number,
  sha256: string,
): Promise<void> {
  const keys = Array.from({ length: pieces }, (_, number) => pieceKey(key, id, number));
  await publisher.publish(wholeKey(key, id), compared(contentsOf(keys, read), size, sha256), true);
  for (let at = 0; at < keys.length; at += mostRemovedAtOnce)
    await bucket.deleteAll(keys.slice(at, at + mostRemovedAtOnce));
}

async function* contentsOf(
  keys: readonly string[],
  read: ClosingTools['read'],
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < keys.length; at += readAtOnce) {
    for (const content of await mapConcurrently(keys.slice(at, at + readAtOnce), readAtOnce, read))
      if (content) yield content;
  }
}

async function* compared(
  contents: AsyncIterable<Uint8Array>,
  size: number,
  sha256: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const content of contents) {
    hash.update(content);
    length += content.length;
    yield content;
  }
  if (length !== size || hash.digest('hex') !== sha256)
    throw new StorageError('The pieces of a log are not what was appended; they stay as they are.');
}
