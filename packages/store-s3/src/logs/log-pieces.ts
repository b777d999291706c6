import { StorageError } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { logFolder } from '../bucket/hidden-keys.ts';
import { mapConcurrently } from '../bucket/map-concurrently.ts';

/**
 * How a log lies in a bucket. Under its key is an empty object, whose metadata name the log's id. What is
 * appended together is a piece: an object under the id and a number, from 0 on. When the log is closed one
 * object with all of it takes the place of the pieces.
 */

/** The metadata with the id of a log. */
export const logName = 'crystallize-log';

/** The name of the object that has the whole of a closed log. */
export const wholeName = 'whole';

const digits = 10;
const readAtOnce = 16;

/** The key of a piece. */
export function pieceKey(key: string, id: string, number: number): string {
  return `${logFolder(key, id)}/${String(number).padStart(digits, '0')}`;
}

/** The key of the whole of a closed log. */
export function wholeKey(key: string, id: string): string {
  return `${logFolder(key, id)}/${wholeName}`;
}

/** The size of a log, from the objects in its folder. */
export function sizeOfPieces(pieces: readonly { readonly name: string; readonly size: number }[]): number {
  const whole = pieces.find(({ name }) => name === wholeName);
  return whole ? whole.size : pieces.reduce((sum, { size }) => sum + size, 0);
}

/** The objects in the folder of a log. */
export async function listPieces(
  bucket: Bucket,
  key: string,
  id: string,
): Promise<readonly { readonly name: string; readonly size: number }[]> {
  const folder = `${logFolder(key, id)}/`;
  const pieces = [];
  for await (const { objects } of bucket.list(folder))
    pieces.push(...objects.map(({ key: piece, size }) => ({ name: piece.slice(folder.length), size })));
  return pieces;
}

/**
 * What a log holds; `undefined` when a piece went away meanwhile: the log was closed, moved or removed.
 * @throws StorageError when a piece is missing though later ones are there.
 */
export async function readPieces(
  bucket: Bucket,
  key: string,
  id: string,
  read: (key: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  const pieces = await listPieces(bucket, key, id);
  if (pieces.some(({ name }) => name === wholeName)) return read(wholeKey(key, id));
  const names = pieces.map(({ name }) => name).sort();
  const gap = names.findIndex((name, index) => pieceKey(key, id, index) !== `${logFolder(key, id)}/${name}`);
  if (gap !== -1) {
    // It is closed right now, or it is damaged.
    if ((await bucket.head(wholeKey(key, id))) || !(await bucket.head(key))) return undefined;
    throw new StorageError(
      `The log ${bucket.placeOf(key)} is damaged: its piece ${gap} is missing, though later ones are there. Restore ${pieceKey(key, id, gap)} from a copy.`,
      { code: 'RECORD_UNREADABLE' },
    );
  }
  const contents = await mapConcurrently(names, readAtOnce, (name) => read(`${logFolder(key, id)}/${name}`));
  const found = contents.filter((content) => content !== undefined);
  return found.length === names.length ? joined(found) : undefined;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
