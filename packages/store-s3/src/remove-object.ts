import type { ObjectHead } from './bucket/answers.ts';
import type { Bucket } from './bucket/bucket.ts';
import { logFolder } from './bucket/hidden-keys.ts';
import { isSameWrite } from './bucket/put-once.ts';
import { removeFolder } from './folders.ts';
import { logName } from './logs/log-pieces.ts';

const mostAttempts = 3;

/**
 * Removes an object or a log, if that is confirmed when it is settled which one.
 *
 * Where the server heeds `If-Match` for removals, one that is published meanwhile stays for sure. Elsewhere
 * it is looked once more right before, and the request is sent once.
 */
export async function removeObject(
  bucket: Bucket,
  key: string,
  confirm: (() => Promise<void>) | undefined,
): Promise<void> {
  const found = await bucket.head(key);
  if (!found) return;
  if (!confirm) await bucket.delete(key);
  else if (!(await removeConfirmed(bucket, key, found, confirm))) return;
  const log = found.metadata[logName];
  if (log !== undefined) await removeFolder(bucket, logFolder(key, log));
}

/** @returns whether that very object was removed. */
async function removeConfirmed(
  bucket: Bucket,
  key: string,
  found: ObjectHead,
  confirm: () => Promise<void>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    await confirm();
    // After a failed attempt it may be that one which has removed it.
    if (!(await isThere(bucket, key, found))) return attempt > 1;
    try {
      const isRefused = (await bucket.deleteIf(key, found.etag)) === 'changed';
      // Some servers compare entity tags by another spelling than the one they give.
      if (isRefused && (await isThere(bucket, key, found))) await bucket.delete(key);
      return true;
    } catch (error) {
      if (attempt === mostAttempts) throw error;
    }
  }
}

async function isThere(bucket: Bucket, key: string, found: ObjectHead): Promise<boolean> {
  const head = await bucket.head(key);
  return head?.etag === found.etag && (isSameWrite(head.metadata, found.metadata) || !isMarked(found));
}

/** Objects that something else has put there have no mark of their write. */
function isMarked({ metadata }: ObjectHead): boolean {
  return isSameWrite(metadata, metadata);
}
