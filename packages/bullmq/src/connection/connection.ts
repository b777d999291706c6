import { setTimeout as delay } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { QueueOptionsError, QueueUnreachableError, seconds } from '../queue-errors.ts';
import { addressOf } from './address.ts';

/** How to reach Redis: a `redis://` or `rediss://` URL, options of ioredis, or an instance, which is only copied. */
export type QueueConnection = string | RedisOptions | Redis;

/** An open connection, and what to call it. */
export interface OpenConnection {
  readonly redis: Redis;
  /** Without user and password. */
  readonly address: string;
}

/** How long the first connection may take, in milliseconds. */
const OPEN_WITHIN = 4000;

/** Between two tries to connect, in milliseconds. */
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 2000;

const LOGIN_REFUSED = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/;

/**
 * Connects to Redis. Once open, a connection that breaks is opened again for as long as it takes, and
 * commands wait for that.
 *
 * @param given - Default: the environment's `REDIS_URL`, else `redis://127.0.0.1:6379`.
 * @throws QueueUnreachableError within some seconds.
 */
export async function openConnection(
  given: QueueConnection | undefined,
  within: number = OPEN_WITHIN,
): Promise<OpenConnection> {
  const connection = given ?? process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const address = addressOf(connection);
  const attempt = { opened: false, tries: 1, error: undefined as Error | undefined };
  const startedAt = performance.now();
  const redis = makeRedis(connection, {
    lazyConnect: true,
    // Commands wait for the connection to come back, rather than fail after some tries.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => {
      if (!attempt.opened && performance.now() - startedAt > within) return null;
      if (!attempt.opened) attempt.tries = times + 1;
      return Math.min(SHORTEST_PAUSE * 2 ** Math.min(times, 10), LONGEST_PAUSE);
    },
  });
  redis.on('error', (error: Error) => {
    attempt.error = error;
  });
  try {
    await opened(redis, within);
    attempt.opened = true;
    return { redis, address };
  } catch (cause) {
    redis.disconnect();
    const error = attempt.error ?? (cause as Error);
    throw LOGIN_REFUSED.test(error.message)
      ? refused(address, error)
      : unreachable(address, error, attempt.tries, performance.now() - startedAt);
  }
}

function makeRedis(connection: QueueConnection, options: RedisOptions): Redis {
  if (connection instanceof Object && 'duplicate' in connection) {
    checkPrefix(connection.options);
    return connection.duplicate(options);
  }
  if (typeof connection !== 'string') {
    checkPrefix(connection);
    return new Redis({ ...connection, ...options, replyMapping: 'legacy' });
  }
  if (!/^rediss?:\/\//.test(connection) || !URL.canParse(connection)) {
    throw new QueueOptionsError('The connection to Redis', [
      'As a text it is a URL like redis://host:6379 or rediss://user:password@host:6379/0, and this is none.',
    ]);
  }
  return new Redis(connection, { ...options, replyMapping: 'legacy' });
}

function checkPrefix({ keyPrefix }: RedisOptions): void {
  if (!keyPrefix) return;
  throw new QueueOptionsError('The connection to Redis', [
    "It has ioredis's keyPrefix, which BullMQ can't work with. Leave it out: all keys begin with the queue's name.",
  ]);
}

/** Settles when the connection is ready, when it is given up, and when the login is refused. */
async function opened(redis: Redis, within: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: Error) => {
    if (LOGIN_REFUSED.test(error.message)) reject(error);
  };
  const onEnd = () => reject(new Error('the connection was closed'));
  const over = new AbortController();
  redis.once('ready', resolve).on('error', onError).once('end', onEnd);
  // What fails here is tried again; the end is what counts.
  redis.connect().catch(() => {});
  const late = delay(within * 2, undefined, { signal: over.signal }).then(
    () => reject(new Error('there was no answer')),
    () => {},
  );
  try {
    await promise;
  } finally {
    over.abort();
    await late;
    redis.off('ready', resolve).off('error', onError).off('end', onEnd);
  }
}

function unreachable(address: string, cause: Error, tries: number, took: number): QueueUnreachableError {
  const often = tries === 1 ? 'once' : `${tries} times`;
  return new QueueUnreachableError(
    `Redis could not be reached at ${address} (tried ${often} in ${seconds(took)}: ${cause.message}). Start one, for example with \`apt-get install redis-server && redis-server\` or \`docker run --publish 6379:6379 redis:7\`; or say where it is: the option connection, or the environment's REDIS_URL.`,
    { cause },
  );
}

function refused(address: string, cause: Error): QueueUnreachableError {
  return new QueueUnreachableError(
    `Redis at ${address} refused the login (${cause.message.split(' ', 1)[0]}). Give a user and a password that it knows, as in redis://user:password@host:6379.`,
    { cause },
  );
}
