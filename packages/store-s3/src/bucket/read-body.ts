import { StorageError } from '@crystallize/core/storage';
import type { ObjectBody } from './answers.ts';
import type { Bucket } from './bucket.ts';
import { requestError } from './request-failure.ts';

/** How often in a row an answer may break off without a further byte. */
const mostBreaks = 4;

/**
 * The bytes of an object, exactly as many as it has. An answer that breaks off is asked for again from
 * there on, in the same object.
 * @param open - Called once, when the first piece is asked for.
 * @throws StorageError when it breaks off again and again, or when another object takes its place.
 */
export async function* readBody(
  bucket: Bucket,
  key: string,
  open: () => Promise<ObjectBody> | ObjectBody,
): AsyncGenerator<Uint8Array, void, undefined> {
  // In here, since each generator around another costs a turn for every piece.
  const { size, etag, bytes } = await open();
  let answer = bytes;
  let offset = 0;
  for (let breaks = 0; ; ) {
    try {
      for await (const piece of answer) {
        offset += piece.length;
        breaks = 0;
        if (offset > size) break;
        yield piece;
      }
      if (offset < size) throw new Error(`the answer ended after ${offset} of ${size} bytes`);
    } catch (cause) {
      breaks += 1;
      if (breaks === mostBreaks) throw requestError('read', bucket.placeOf(key), cause);
    }
    if (offset === size) return;
    if (offset > size)
      throw new StorageError(
        `Could not read ${bucket.placeOf(key)}: more than its ${size} bytes came. Something between here and the server changes answers.`,
      );
    const rest = await bucket.getRest(key, etag, offset);
    if (rest === undefined || rest.etag !== etag || rest.offset !== offset)
      throw new StorageError(
        `Could not read ${bucket.placeOf(key)}: it was replaced or removed meanwhile. Read it again.`,
      );
    answer = rest.bytes;
  }
}
