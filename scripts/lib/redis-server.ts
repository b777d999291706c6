import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why what needs Redis can't run here; `undefined` when it can. */
export const NO_REDIS: string | undefined = spawnSync('redis-server', ['--version']).error
  ? 'redis-server is missing: apt-get install redis-server'
  : undefined;

/** A server of its own, with everything in memory, until it is disposed. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
}

/** How it is started. */
export interface RedisServerSettings {
  /** Default: a free one. */
  readonly port?: number;
  /** Where it may keep data; default: a temporary folder, which is removed at the end. */
  readonly folder?: string;
  /** As on its command line. */
  readonly options?: readonly string[];
}

/** Starts a real Redis of this machine, and waits until it takes connections. @throws Error when it ends instead. */
export async function startRedis(settings: RedisServerSettings = {}): Promise<RedisServer> {
  const { port, options = [] } = settings;
  const folder = settings.folder ?? (await mkdtemp(join(tmpdir(), 'crystallize-redis-')));
  const chosen = port ?? (await freePort());
  const fixed = ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const server = spawn('redis-server', [...fixed, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error(`redis-server ended before it was ready:\n${said}`)));
  });
  return {
    url: `redis://127.0.0.1:${chosen}`,
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL');
      await ended;
      if (settings.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A port was expected.');
  return address.port;
}
