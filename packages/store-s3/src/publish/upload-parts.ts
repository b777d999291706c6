import { StorageError } from '@crystallize/core/storage';
import type { Upload, Uploads } from '../bucket/uploads.ts';
import type { Part, Parts } from './parts.ts';

/** With the part that is being filled, this many parts are in memory. */
const atOnce = 4;
const mostParts = 10_000;

type CompletedPart = Awaited<ReturnType<Uploads['put']>>;

/**
 * Uploads parts as they come, some at the same time.
 * @param first - The part that was taken already.
 * @throws what the body throws, or StorageError; no request is under way any more then.
 */
export async function uploadParts(
  uploads: Uploads,
  upload: Upload,
  first: Part,
  parts: Parts,
): Promise<readonly CompletedPart[]> {
  const completed: CompletedPart[] = [];
  const sending = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const send = async (part: Part): Promise<void> => {
    try {
      completed.push(await uploads.put(upload, part.number, part.bytes));
    } catch (error) {
      failures.push(error);
    } finally {
      part.release();
    }
  };
  try {
    for (let part = first; part.bytes.length > 0; part = await parts.next()) {
      if (part.number > mostParts)
        throw new StorageError(
          `Could not write ${upload.key}: it has more than ${mostParts} parts of ${first.bytes.length} bytes, and a server takes no more. Give s3Store a larger partSize.`,
        );
      const sent: Promise<void> = send(part).finally(() => sending.delete(sent));
      sending.add(sent);
      if (sending.size === atOnce) await Promise.race(sending);
      if (failures.length > 0 || parts.hasEnded) break;
    }
  } finally {
    await Promise.all(sending);
  }
  if (failures.length > 0) throw failures[0];
  return completed;
}
