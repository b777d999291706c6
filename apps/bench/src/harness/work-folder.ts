import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = new URL('../../.work/', import.meta.url).pathname;

/**
 * An empty folder for a benchmark's files, beside its sources: on the disk that experiments are kept
 * on, where a temporary folder may be in memory. Removed at the end of the block.
 */
export async function workFolder(name: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = join(ROOT, `${name}-${process.pid}`);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
