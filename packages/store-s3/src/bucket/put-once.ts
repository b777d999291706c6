import { hash, randomUUID } from 'node:crypto';
import type { Bucket, PutRequest } from './bucket.ts';

/** The metadata by which a write is known. */
const writeName = 'crystallize-write';

/** Metadata of an object that tell its write from every other. */
export function writeMetadata(): Readonly<Record<string, string>> {
  return { [writeName]: randomUUID() };
}

/**
 * Whether what lies under a key is the outcome of that very write. Asked when a key is taken: the SDK
 * sends a request again whose answer was lost, and the second then meets the success of the first.
 */
export async function isOutcomeOf(
  bucket: Bucket,
  key: string,
  metadata: Readonly<Record<string, string>>,
): Promise<boolean> {
  const head = await bucket.head(key);
  return head !== undefined && isSameWrite(head.metadata, metadata);
}

/** Whether two objects, or an object and its copy, come from one write. */
export function isSameWrite(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  return one[writeName] !== undefined && one[writeName] === other[writeName];
}

/** Puts an object under a free key. @returns whether it was free. */
export async function putOnce(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  more?: Readonly<Record<string, string>>,
): Promise<boolean> {
  const sha256 = hash('sha256', body);
  return putRecognisably(bucket, key, { body, size: body.length, sha256, ifAbsent: true }, more);
}

/**
 * Puts an object.
 * @param more - Further metadata; with those of a write that was tried before it counts as the same.
 * @returns `false` when the key is taken by another write, and `ifAbsent` was asked for.
 */
export async function putRecognisably(
  bucket: Bucket,
  key: string,
  request: Omit<PutRequest, 'metadata'>,
  more?: Readonly<Record<string, string>>,
): Promise<boolean> {
  const metadata = { ...writeMetadata(), ...more };
  const outcome = await bucket.put(key, { ...request, metadata });
  return outcome === 'written' || (await isOutcomeOf(bucket, key, metadata));
}
