import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { StorageError } from '../errors/storage-errors.ts';
import { isMissing, systemError } from './system-error.ts';

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

/**
 * A file of an artifact that is none on this machine, kept in a folder for every process that asks for the
 * same bytes. They are compared with the sha256 each time, and written anew where they are not those.
 * It appears whole or not at all, however many processes make it.
 *
 * @param folder - Absolute; it is made for this user alone.
 * @param name - The artifact's; the file is called as its last part.
 * @throws StorageError when it can't be written; what the pieces throw is passed on.
 */
export async function cachedCopy(
  folder: string,
  { name, sha256 }: { readonly name: string; readonly sha256: string },
  pieces: AsyncIterable<Uint8Array>,
): Promise<string> {
  const place = join(folder, sha256.slice(0, 2), sha256);
  const path = join(place, basename(name));
  const temporary = join(place, `.${randomUUID()}`);
  try {
    await mkdir(place, { recursive: true, mode: 0o700 });
    await assertPrivate(folder);
    if (await holds(path, sha256)) return path;
    try {
      await writeAll(temporary, pieces);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return path;
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw systemError('copy an artifact to', path, cause);
    throw cause;
  }
}

async function writeAll(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of pieces) await file.writeFile(piece);
}

async function holds(path: string, sha256: string): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  return hash.digest('hex') === sha256;
}

/** Whoever can write to the folder could give an artifact other bytes once they have been compared. */
async function assertPrivate(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder);
  const isTemporary = !relative(tmpdir(), folder).startsWith('..');
  const isOthers = process.getuid !== undefined && isTemporary && uid !== process.getuid();
  if (!isOthers && (process.platform === 'win32' || (mode & 0o002) === 0)) return;
  throw new StorageError(
    `Could not copy an artifact to ${folder}: ${isOthers ? 'the folder is another user’s' : 'everybody may write to the folder'}, so that its files can't be trusted. Give the store another folder for copies.`,
  );
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
