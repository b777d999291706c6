import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { systemError } from './system-error.ts';

/**
 * Makes a file of an artifact that is none on this machine, in the temporary folder of the system. It is
 * deleted when the process ends, and at once when it can't be written whole.
 *
 * @param name - The artifact's; the file is called as its last part.
 * @throws StorageError when it can't be written; what the pieces throw is passed on.
 */
export async function temporaryCopy(name: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let folder: string | undefined;
  try {
    // Of its own, so that the file keeps its name, whatever other artifacts are called.
    folder = await mkdtemp(join(temporaryFolder(), 'copy-'));
    const path = join(folder, basename(name));
    await using file = await open(path, 'wx');
    for await (const piece of pieces) await file.writeFile(piece);
    return path;
  } catch (cause) {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    if (cause instanceof Error && 'syscall' in cause)
      throw systemError('copy an artifact to', folder ?? tmpdir(), cause);
    throw cause;
  }
}

let temporary: string | undefined;

/** One folder per process or worker. */
function temporaryFolder(): string {
  if (temporary === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'crystallize-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    temporary = folder;
  }
  return temporary;
}
