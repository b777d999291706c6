import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An empty folder to run examples in; removed at the end of the block. */
export async function exampleFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'crystallize-example-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Runs a TypeScript file as a user would, on the sources, and returns what it printed. */
export async function runNode(cwd: string, file: string, ...args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const { stdout } = await run(process.execPath, ['--conditions=crystallize-source', path, ...args], { cwd });
  return stdout;
}
