/**
 * Packages that need not be installed, as files of a project: each has the interface of the real one, and
 * does the least that a test can see.
 */

/** `@crystallize/store-s3` that keeps a bucket in a folder `buckets`. Refuses URLs with credentials. */
export const STORE_PACKAGE: Readonly<Record<string, string>> = packageOf(
  'store-s3',
  `
import { fsStore } from '@crystallize/artifacts';
export function s3StoreFromUrl(url) {
  const { username, host, pathname } = new URL(url);
  if (username !== '') throw new Error('The URL ' + url + ' holds credentials.');
  const store = fsStore('buckets/' + host + pathname);
  return Object.defineProperties(store, { location: { value: 's3://' + host + pathname }, localPath: { value: undefined } });
}
`,
);

/**
 * `@crystallize/bullmq`. The executor runs the cells here and writes `run.json`, what it was told; with `SETUP` it also
 * asks the run to describe itself. The worker writes `worker.json` and emits the events of `EVENTS`, waits until it is
 * stopped, and with `STUBBORN` even then; with `STOP` it stops itself as Ctrl-C does; with `FAIL` it rejects.
 */
export const QUEUE_PACKAGE_FILES: Readonly<Record<string, string>> = packageOf(
  'bullmq',
  `
import { writeFileSync } from 'node:fs';
class QueueError extends Error { code = 'QUEUE_UNREACHABLE'; }
export function BullmqExecution(options) {
  if (options.connection.startsWith('http:')) throw new QueueError(options.connection + ' is no URL of a Redis.');
  return {
    name: '@crystallize/bullmq',
    async execute(run, work) {
      const description = process.env.SETUP ? await work.describe() : {};
      writeFileSync('run.json', JSON.stringify({ options, module: description.module, setup: description.setup }));
      for (const cell of work.cells) await work.run(cell);
    },
  };
}
export async function runQueueWorker({ signal, onEvent, ...options }) {
  writeFileSync('worker.json', JSON.stringify(options));
  if (process.env.FAIL) throw new QueueError('Redis could not be reached at ' + options.connection + '.');
  onEvent({ type: 'ready', queue: options.queue, concurrency: options.concurrency });
  for (const event of JSON.parse(process.env.EVENTS ?? '[]')) onEvent(event);
  if (process.env.STOP) process.kill(process.pid, 'SIGINT');
  const alive = setInterval(() => {}, 1000);
  await new Promise((resolve) => {
    if (!process.env.STUBBORN) signal.addEventListener('abort', resolve);
  });
  clearInterval(alive);
  onEvent({ type: 'cell:end', experiment: 'penguins', condition: 'k=1', replicate: 7, status: 'done', duration: 1200 });
  onEvent({ type: 'stopped' });
}
`,
);

function packageOf(name: string, text: string): Readonly<Record<string, string>> {
  const folder = `node_modules/@crystallize/${name}`;
  const manifest = { name: `@crystallize/${name}`, type: 'module', exports: './index.js' };
  return { [`${folder}/package.json`]: JSON.stringify(manifest), [`${folder}/index.js`]: text };
}
