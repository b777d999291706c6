import { StorageError, type StoreChild } from '@crystallize/core/storage';
import type { ListedObject } from './bucket/answers.ts';
import type { Bucket } from './bucket/bucket.ts';
import { hiddenName, isHidden, logOfPiece } from './bucket/hidden-keys.ts';
import { mapConcurrently } from './bucket/map-concurrently.ts';
import { isSameWrite } from './bucket/put-once.ts';
import { logName, sizeOfPieces } from './logs/log-pieces.ts';

const copiedAtOnce = 16;
const mostRemovedAtOnce = 1000;
/** What a server copies by one request at most. */
const largestCopy = 5 * 1024 ** 3;

/** An object in a list of the store. */
export interface StoreEntry {
  readonly key: string;
  readonly size: number;
}

/** The names directly in a folder. */
export async function childrenOf(bucket: Bucket, folder: string): Promise<readonly StoreChild[]> {
  const start = startOf(folder);
  const children: StoreChild[] = [];
  for await (const { objects, folders } of bucket.list(start, true)) {
    for (const { key } of objects) children.push({ name: key.slice(start.length), kind: 'object' });
    for (const key of folders) {
      const name = key.slice(start.length);
      if (name !== hiddenName) children.push({ name, kind: 'folder' });
    }
  }
  return children.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every object under a folder. Servers sort by the bytes of UTF-8, stores by UTF-16: so all are listed first. */
export async function entriesOf(bucket: Bucket, folder: string): Promise<readonly StoreEntry[]> {
  const entries: StoreEntry[] = [];
  const logs = new Map<string, Map<string, { name: string; size: number }[]>>();
  for await (const { objects } of bucket.list(startOf(folder))) {
    for (const { key, size } of objects) {
      const piece = logOfPiece(key);
      if (piece) notePiece(logs, piece, size);
      else if (!isHidden(key)) entries.push({ key, size });
    }
  }
  for (const [index, { key, size }] of entries.entries()) {
    const found = size === 0 ? logs.get(key) : undefined;
    if (found) entries[index] = { key, size: await sizeOfLog(bucket, key, found) };
  }
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Removes every object under a folder, the store's own ones last: they tell of logs that are still there. */
export async function removeFolder(bucket: Bucket, folder: string): Promise<void> {
  const { shown, hidden } = await keysIn(bucket, folder);
  await removeKeys(bucket, shown);
  await removeKeys(bucket, hidden);
}

/**
 * Moves every object under a folder: all are copied before the first is removed. So after an interruption
 * one of the two folders is whole, and the same call goes on.
 * @throws StorageError `OBJECT_EXISTS` when another object has a new key.
 */
export async function moveFolder(bucket: Bucket, from: string, to: string): Promise<void> {
  const objects = await objectsIn(bucket, from);
  const there = new Map((await objectsIn(bucket, to)).map((object) => [object.key, object]));
  await mapConcurrently(objects, copiedAtOnce, async ({ key, size }) => {
    const target = `${to}${key.slice(from.length)}`;
    if (there.has(target)) {
      const [source, found] = await Promise.all([bucket.head(key), bucket.head(target)]);
      if (source && found && isSameWrite(source.metadata, found.metadata)) return;
      if (found)
        throw new StorageError(
          `${bucket.placeOf(target)} is there already. Choose another name, or remove it first.`,
          { code: 'OBJECT_EXISTS' },
        );
    }
    if (size > largestCopy)
      throw new StorageError(
        `Could not move ${bucket.placeOf(key)}: it has ${size} bytes, and a server copies at most ${largestCopy}. Move it by hand.`,
      );
    await bucket.copy(key, target);
  });
  await removeFolder(bucket, from);
}

async function removeKeys(bucket: Bucket, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += mostRemovedAtOnce)
    await bucket.deleteAll(keys.slice(at, at + mostRemovedAtOnce));
}

async function objectsIn(bucket: Bucket, folder: string): Promise<readonly ListedObject[]> {
  const all: ListedObject[] = [];
  for await (const { objects } of bucket.list(startOf(folder))) all.push(...objects);
  return all;
}

async function keysIn(bucket: Bucket, folder: string) {
  const keys = (await objectsIn(bucket, folder)).map(({ key }) => key);
  return { shown: keys.filter((key) => !isHidden(key)), hidden: keys.filter(isHidden) };
}

type Pieces = { name: string; size: number }[];

function notePiece(
  logs: Map<string, Map<string, Pieces>>,
  { log, id, piece }: { readonly log: string; readonly id: string; readonly piece: string },
  size: number,
): void {
  const ofLog = logs.get(log) ?? new Map<string, Pieces>();
  logs.set(log, ofLog);
  const pieces = ofLog.get(id) ?? [];
  ofLog.set(id, pieces);
  pieces.push({ name: piece, size });
}

/** Of a log that was removed under the same key pieces may be left: then the object under it has to say which counts. */
async function sizeOfLog(bucket: Bucket, key: string, ids: ReadonlyMap<string, Pieces>): Promise<number> {
  const id = ids.size === 1 ? [...ids.keys()][0] : (await bucket.head(key))?.metadata[logName];
  return sizeOfPieces(ids.get(id ?? '') ?? []);
}

function startOf(folder: string): string {
  return folder === '' ? '' : `${folder}/`;
}
