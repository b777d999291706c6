import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where a server listens, and who may use it. */
export interface ServedPlace {
  /** Which server it is. */
  readonly server: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The server that the tests of the store have, in a process of its own: Ceph, with its data in memory, where it is installed. */
export async function startServer(): Promise<ServedPlace & AsyncDisposable> {
  const program = new URL('../../../../packages/store-s3/test/servers/serve.ts', import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(program)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value === undefined) throw new Error('The S3 server did not start.');
  return {
    ...(JSON.parse(value) as ServedPlace),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await exit;
    },
  };
}
