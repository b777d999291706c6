import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError, UnsafeNameError } from '../../src/errors/storage-errors.ts';
import { readFolder } from '../../src/storage/folder-reader.ts';
import { nodeFileSystem } from '../../src/storage/node-file-system.ts';
import { hostileParts } from './hostile-names.ts';

let root: string;
let outside: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'crystallize-reader-'));
  root = join(folder, 'root');
  outside = join(folder, 'outside');
  for (const path of [root, outside, join(root, 'e'), join(root, 'e', 'v0')]) mkdirSync(path);
  writeFileSync(join(root, 'e', 'v0', 'file'), 'inside');
  writeFileSync(join(outside, 'secret'), 'secret');
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

describe('a folder reader', () => {
  it('reads a folder that is not there as an empty one', async () => {
    const reader = readFolder(join(root, 'missing'));
    expect(await reader.get('a')).toBeUndefined();
    expect(await reader.children('a')).toEqual([]);
    expect(await all(reader.list('a'))).toEqual([]);
  });

  it('refuses names that lead out of the folder', async () => {
    const reader = readFolder(root);
    for (const part of Object.values(hostileParts).flat()) {
      if (part.startsWith('.crystallize') && !part.startsWith('.crystallize-tmp-')) continue;
      for (const key of [part, `e/${part}`, `${part}/file`]) {
        await expect(reader.get(key), JSON.stringify(key)).rejects.toThrow(UnsafeNameError);
      }
    }
    for (const key of ['/etc/passwd', '../outside/secret', 'e/../../outside/secret', 'e//v0']) {
      await expect(reader.get(key)).rejects.toThrow(UnsafeNameError);
    }
  });

  it('refuses links that lead out of the folder, and says where to', async () => {
    symlinkSync(join(outside, 'secret'), join(root, 'e', 'leaf'));
    symlinkSync(outside, join(root, 'e', 'folder'));
    symlinkSync(`${root}/../outside`, join(root, 'up'));
    const reader = readFolder(root);
    for (const key of ['e/leaf', 'e/folder/secret', 'up/secret']) {
      for (const attempt of [reader.get(key), reader.size(key), all(reader.stream(key))]) {
        await expect(attempt).rejects.toThrow(/leads out of .* by a symbolic link/);
        await expect(attempt).rejects.toThrow(StorageError);
      }
    }
    expect(await reader.children('e')).toEqual([{ name: 'v0', kind: 'folder' }]);
    expect(await all(reader.list('e'))).toEqual([{ key: 'e/v0/file', size: 6 }]);
  });

  it('reads through links that stay in the folder, and a root that is itself a link', async () => {
    symlinkSync(join(root, 'e', 'v0'), join(root, 'e', 'same'));
    symlinkSync(root, join(outside, 'root'));
    const reader = readFolder(join(outside, 'root'));
    expect(Buffer.from((await reader.get('e/same/file')) ?? []).toString()).toBe('inside');
    expect(await reader.children('e')).toEqual([
      { name: 'same', kind: 'folder' },
      { name: 'v0', kind: 'folder' },
    ]);
  });

  it('takes a dangling link for a missing object', async () => {
    symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
    expect(await readFolder(root).get('dangling')).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe in place of a file', async () => {
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0);
    await expect(readFolder(root).get('pipe')).rejects.toThrow(/neither a file nor a folder/);
    expect(await readFolder(root).children('')).toEqual([{ name: 'e', kind: 'folder' }]);
  });

  it('lists what others have put there under names of their own', async () => {
    writeFileSync(join(root, 'e', '.DS_Store'), '');
    writeFileSync(join(root, 'e', 'notes:1.txt'), '1');
    writeFileSync(join(root, 'e', '.crystallize-tmp-1'), 'half');
    const keys = (await all(readFolder(root).list('e'))).map(({ key }) => key);
    expect(keys).toEqual(['e/.DS_Store', 'e/notes:1.txt', 'e/v0/file']);
  });

  it.each(['EACCES', 'EIO', 'ESTALE', 'EMFILE', 'ELOOP'])(
    'never takes %s for a missing object',
    async (code) => {
      const failing = (operation: 'open' | 'lstat' | 'realpath' | 'readdir' | 'fstat' | 'read') => ({
        ...nodeFileSystem,
        [operation]: () => {
          throw Object.assign(new Error(`${code}: injected`), { code });
        },
      });
      for (const operation of ['open', 'realpath', 'fstat', 'read'] as const) {
        const reader = readFolder(root, failing(operation));
        const error: unknown = await reader.get('e/v0/file').catch((thrown: unknown) => thrown);
        expect(error, operation).toBeInstanceOf(StorageError);
        expect(error).toMatchObject({ cause: { code }, message: expect.stringContaining(code) });
      }
      await expect(readFolder(root, failing('lstat')).size('e/v0/file')).rejects.toMatchObject({
        cause: { code },
      });
      await expect(readFolder(root, failing('readdir')).children('e')).rejects.toMatchObject({
        cause: { code },
      });
      await expect(all(readFolder(root, failing('realpath')).list('e'))).rejects.toMatchObject({
        cause: { code },
      });
    },
  );
});
