import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { EXPERIMENT } from './payload.ts';

/** Every artifact below a root folder, with its size: `replicate_0/baseline/write/payload.bin 1024`. */
export async function artifactTree(rootDir: string): Promise<string[]> {
  const run = join(rootDir, EXPERIMENT, 'v0');
  const entries = await readdir(run, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => relative(run, path).startsWith('replicate_'));
  return (
    await Promise.all(files.map(async (path) => `${relative(run, path)} ${(await stat(path)).size}`))
  ).sort();
}

/** @throws Error unless both wrote the same files, since their times could not be compared. */
export function assertSameTree(ours: readonly string[], bare: readonly string[]): void {
  const different = ours.find((line, index) => line !== bare[index]);
  if (ours.length === bare.length && different === undefined) return;
  throw new Error(
    `Both programs were to write the same files. The experiment wrote ${ours.length}, the bare one ${bare.length}; the first that differs is ${different ?? bare[ours.length]}.`,
  );
}
