import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactStore, CorruptArtifactError, StorageError } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { saveExample } from './saved-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

const target = { replicate: 0, condition: 'baseline', step: 'fit', name: 'model.json' };
const key = 'penguins/v0/replicate_0/baseline/fit/model.json';

/** A store of which artifacts are copied to a folder, that counts what is read of it. */
function copiedStore(copyFolder: string): ArtifactStore & { reads: number } {
  const store = memoryStore();
  const stream = store.stream.bind(store);
  const copied = Object.assign(store, { copyFolder, reads: 0 });
  copied.stream = (from) => {
    copied.reads += 1;
    return stream(from);
  };
  return copied;
}

describe('the path of an artifact whose store has a folder for copies', () => {
  it('is that of a checked copy under its name, which is fetched once', async () => {
    using folder = temporaryFolder();
    const store = copiedStore(join(folder.path, 'copies'));
    const version = await saveExample(store);
    const path = await (await version.artifact(target)).path();
    expect(readFileSync(path, 'utf8')).toBe('{"k": 5}');
    expect(path).toMatch(/copies.*[0-9a-f]{64}.model\.json$/);
    expect(await (await version.artifact(target)).path()).toBe(path);
    expect(store.reads).toBe(1);
    if (process.platform !== 'win32') expect(statSync(join(folder.path, 'copies')).mode & 0o077).toBe(0);
  });

  it('is whole, whoever makes it at the same time, and nothing else is left', async () => {
    using folder = temporaryFolder();
    const store = copiedStore(folder.path);
    const version = await saveExample(store);
    const files = await Promise.all(Array.from({ length: 8 }, () => version.artifact(target)));
    const paths = await Promise.all(files.map((file) => file.path()));
    expect(new Set(paths).size).toBe(1);
    expect(readFileSync(paths[0] ?? '', 'utf8')).toBe('{"k": 5}');
    expect(readdirSync(join(paths[0] ?? '', '..'))).toEqual(['model.json']);
  });

  it('is made anew where the copy was damaged', async () => {
    using folder = temporaryFolder();
    const store = copiedStore(folder.path);
    const version = await saveExample(store);
    const path = await (await version.artifact(target)).path();
    writeFileSync(path, '{"k": 6}');
    expect(await (await version.artifact(target)).path()).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe('{"k": 5}');
  });

  it('is not given when the stored bytes are damaged, and leaves no copy', async () => {
    using folder = temporaryFolder();
    const store = copiedStore(folder.path);
    const version = await saveExample(store);
    await store.put(key, Buffer.from('{"k": 6}'));
    await expect((await version.artifact(target)).path()).rejects.toThrow(CorruptArtifactError);
    const left = readdirSync(folder.path, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('is not given where everybody may write', async () => {
    using folder = temporaryFolder();
    const open = join(folder.path, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const version = await saveExample(copiedStore(open));
    const file = await version.artifact(target);
    await expect(file.path()).rejects.toThrow(StorageError);
    await expect(file.path()).rejects.toThrow(/everybody may write to the folder.*another folder/);
  });
});
