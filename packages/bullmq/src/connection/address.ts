import type { QueueConnection } from './connection.ts';

const DEFAULT_PORT = 6379;

/** Where Redis is, for messages: without user, password and query. */
export function addressOf(connection: QueueConnection): string {
  if (typeof connection === 'string') return addressOfUrl(connection);
  const options = 'options' in connection ? connection.options : connection;
  if (isCluster(options)) return 'a Redis cluster';
  const { path, host = '127.0.0.1', port = DEFAULT_PORT, db = 0, sentinels, tls } = options;
  if (sentinels) return `the Redis of the sentinels ${sentinels.map((each) => each.host).join(', ')}`;
  if (path) return `the socket ${path}`;
  return `${tls ? 'rediss' : 'redis'}://${host}:${port}${db === 0 ? '' : `/${db}`}`;
}

function addressOfUrl(text: string): string {
  if (!URL.canParse(text)) return 'the given address';
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

function isCluster(options: object): boolean {
  return 'redisOptions' in options || 'slotsRefreshTimeout' in options;
}
