import type { Redis } from 'ioredis';
import type { QueueKeys } from './queue-keys.ts';

/** Tells workers that the runs of the queue have changed. */
export async function ringBell(redis: Redis, keys: QueueKeys): Promise<void> {
  await redis.xadd(keys.bell, 'MAXLEN', '~', 100, '*', 'rung', '1');
  await redis.pexpire(keys.bell, 3_600_000);
}
