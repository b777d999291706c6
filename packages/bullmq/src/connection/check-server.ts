import type { Redis } from 'ioredis';
import { QueueUnreachableError } from '../queue-errors.ts';
import type { OpenConnection } from './connection.ts';

/** What BullMQ works with in full. */
const OLDEST: readonly [number, number] = [6, 2];

/**
 * Looks whether this Redis can hold a queue.
 *
 * @returns What the user should know, as sentences.
 * @throws QueueUnreachableError when it is too old.
 */
export async function checkServer({ redis, address }: OpenConnection): Promise<readonly string[]> {
  const facts = await factsOf(redis);
  const version = facts.get('redis_version');
  if (version !== undefined && isOlder(version)) {
    throw new QueueUnreachableError(
      `Redis at ${address} is version ${version}, and a queue needs ${OLDEST.join('.')} or newer. Start a newer one, for example with \`docker run --publish 6379:6379 redis:7\`.`,
    );
  }
  const policy = facts.get('maxmemory_policy');
  const isBounded = (facts.get('maxmemory') ?? '0') !== '0';
  if (!isBounded || policy === undefined || policy === 'noeviction') return [];
  return [
    `Redis at ${address} may drop keys when its memory is full (maxmemory-policy ${policy}): cells would then be run twice, or wait for ever. Set it with \`redis-cli config set maxmemory-policy noeviction\`.`,
  ];
}

/** `INFO` as names and values; empty where the user may not ask. */
async function factsOf(redis: Redis): Promise<ReadonlyMap<string, string>> {
  // Several sections at once only since Redis 7.
  const texts = await Promise.all(['server', 'memory'].map((section) => redis.info(section).catch(() => '')));
  return new Map(
    texts
      .join('\r\n')
      .split('\r\n')
      .map((line) => line.split(':', 2) as [string, string]),
  );
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
