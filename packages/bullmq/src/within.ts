import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves when the promise has settled, in whatever way, but no later than this: commands to a Redis that is
 * gone wait until it is back.
 */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const late = delay(milliseconds, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([promise.catch(() => {}), late]);
  over.abort();
}
