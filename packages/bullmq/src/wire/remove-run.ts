import type { Redis } from 'ioredis';
import { openQueue } from './open-queue.ts';
import type { QueueKeys } from './queue-keys.ts';
import { longDead } from './scripts.ts';

/** Takes a run off the queue with all its jobs; what workers told of it stays. */
export async function removeRun(redis: Redis, keys: QueueKeys, run: string): Promise<void> {
  await redis.zrem(keys.runs, run);
  const queue = openQueue(redis, keys, run);
  try {
    await queue.obliterate({ force: true });
  } finally {
    await queue.close();
  }
  const left = ['stalled-check', 'stalled', 'marker', 'meta', 'events'].map((name) => keys.job(run, name));
  await redis.del(keys.description(run), keys.events(run), ...left);
}

/** Takes those off whose coordinators have been dead for so long that their results are gone as well. */
export async function removeLongDead(redis: Redis, keys: QueueKeys, keep: number): Promise<void> {
  const runs = (await longDead.run(redis, [keys.runs], [keep])) as readonly string[];
  for (const run of runs) await removeRun(redis, keys, run);
}
