import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFileSystem, StorageError } from '@crystallize/core/storage';
import { describe, expect, it, type TestContext } from 'vitest';
import { collect } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A small disk in memory; skips the test, saying why, where none can be mounted. */
function smallDisk(
  context: TestContext,
  options: string,
): { readonly path: string; remount(options: string): void } & Disposable {
  const folder = temporaryFolder();
  const mount = (...args: readonly string[]) =>
    spawnSync('mount', [...args, folder.path], { encoding: 'utf8' });
  const { status, stderr, error } = mount('-t', 'tmpfs', '-o', options, 'tmpfs');
  if (status !== 0) {
    folder[Symbol.dispose]();
    context.skip(`no disk can be mounted here: ${error?.message ?? stderr}`);
  }
  return {
    path: folder.path,
    remount: (changed) => expect(mount('-o', `remount,${changed}`).status).toBe(0),
    [Symbol.dispose]: () => {
      spawnSync('umount', [folder.path]);
      folder[Symbol.dispose]();
    },
  };
}

async function* pieces(size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < size; at += 10_000) yield Buffer.alloc(10_000, 1);
}

describe('a full disk', () => {
  it('fails a put with a StorageError that says so, and publishes nothing', async (context) => {
    using disk = smallDisk(context, 'size=64k');
    const store = fsStore(disk.path);
    await store.put('exp/filler', Buffer.alloc(20_000));
    for (const body of [Buffer.alloc(200_000), Buffer.alloc(60_000, 1), pieces(200_000)]) {
      const put = store.put('exp/a', body);
      await expect(put).rejects.toThrow(StorageError);
      await expect(put).rejects.toThrow(/the disk is full.*ENOSPC/);
      expect(await store.get('exp/a')).toBeUndefined();
      expect(await collect(store.list('exp'))).toEqual([{ key: 'exp/filler', size: 20_000 }]);
    }
    await store.removeAll('exp');
    await store.put('exp/a', Buffer.alloc(20_000, 2));
    expect((await store.get('exp/a'))?.length).toBe(20_000);
  });

  it('breaks a log for good, and what was acknowledged stays', async (context) => {
    using disk = smallDisk(context, 'size=64k');
    const store = fsStore(disk.path);
    const log = await store.createLog('exp/log');
    let acknowledged = 0;
    const fill = async (): Promise<void> => {
      for (let index = 0; index < 100; index += 1) {
        await log.append(Buffer.alloc(3000, 1));
        acknowledged += 1;
      }
    };
    await expect(fill()).rejects.toThrow(/the disk is full/);
    expect(acknowledged).toBeGreaterThan(5);
    await expect(log.append(Buffer.from('x'))).rejects.toThrow(/the disk is full/);
    await log.close();
    expect((await store.readLog('exp/log'))?.length).toBeGreaterThanOrEqual(3000 * acknowledged);
  });

  it('without room for another file fails likewise', async (context) => {
    using disk = smallDisk(context, 'size=1m,nr_inodes=12');
    const store = fsStore(disk.path);
    const fill = async (): Promise<void> => {
      for (let index = 0; index < 30; index += 1) await store.put(`exp/${index}/a`, Buffer.from('x'));
    };
    await expect(fill()).rejects.toThrow(/the disk is full.*ENOSPC/);
    await expect(store.put('exp/new/folder/a', Buffer.from('x'))).rejects.toThrow(StorageError);
  });

  it('which becomes read-only fails a put, saying so', async (context) => {
    using disk = smallDisk(context, 'size=1m');
    const store = fsStore(disk.path);
    await store.put('exp/a', Buffer.from('x'));
    disk.remount('ro');
    for (const key of ['exp/a', 'exp/b', 'exp/new/c']) {
      await expect(store.put(key, Buffer.from('y'))).rejects.toThrow(/read-only.*EROFS/);
    }
    await expect(store.createLog('exp/log')).rejects.toThrow(/EROFS/);
    await expect(store.lock('exp/lock')).rejects.toThrow(/EROFS/);
    await expect(store.remove('exp/a')).rejects.toThrow(/EROFS/);
    expect(Buffer.from((await store.get('exp/a')) ?? []).toString()).toBe('x');
  });
});

it('a folder that may not be written fails a put, saying so', (context) => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'root');
  mkdirSync(path);
  chmodSync(path, 0o555);
  const script = fileURLToPath(new URL('put-once.ts', import.meta.url));
  const node = [process.execPath, '--conditions=crystallize-source', script, path];
  // The superuser may write everywhere.
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const [command = '', ...args] = process.getuid?.() === 0 ? [...nobody, ...node] : node;
  const { stdout, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) context.skip(`setpriv is missing: apt-get install util-linux (${error.message})`);
  expect(stdout).toMatch(/permission was denied.*EACCES/);
});

it('a folder that something else has removed is made again', async () => {
  using folder = temporaryFolder();
  const root = join(folder.path, 'root');
  const store = fsStore(root);
  for (const gone of ['exp/v0', 'exp', '']) {
    await store.put('exp/v0/a', Buffer.from('x'));
    rmSync(join(root, gone), { recursive: true });
    await store.put('exp/v0/a', Buffer.from('y'), { ifAbsent: true });
    expect(Buffer.from((await store.get('exp/v0/a')) ?? []).toString()).toBe('y');
  }
});

it('a put that failed leaves nothing behind, also not under a temporary name', async () => {
  using folder = temporaryFolder();
  const store = fsStore(folder.path);
  async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.alloc(100_000);
    throw new Error('the source dried up');
  }
  await store.put('exp/a', Buffer.from('x'));
  await expect(store.put('exp/b', failing())).rejects.toThrow('dried up');
  await expect(store.put('exp/a', Buffer.from('y'), { ifAbsent: true })).rejects.toThrow(StorageError);
  expect(readdirSync(join(folder.path, 'exp'))).toEqual(['a']);
});

describe('a system that takes fewer bytes than it is given', () => {
  const body = Buffer.alloc(100_000, 3);

  it('is given the rest', async () => {
    using folder = temporaryFolder();
    const half = (bytes: Uint8Array) => bytes.subarray(0, Math.ceil(bytes.length / 2));
    const fs = {
      ...nodeFileSystem,
      write: (fd: number, bytes: Uint8Array) => nodeFileSystem.write(fd, half(bytes)),
      writeAsync: (fd: number, bytes: Uint8Array) => nodeFileSystem.writeAsync(fd, half(bytes)),
    };
    const store = fsStore(folder.path, { fs });
    await store.put('a/large', body);
    await store.put('a/small', body.subarray(0, 1000));
    const log = await store.createLog('a/log');
    await log.append(body);
    await log.append(body.subarray(0, 77));
    await log.close();
    expect(await store.get('a/large')).toEqual(new Uint8Array(body));
    expect(await store.get('a/small')).toEqual(new Uint8Array(body.subarray(0, 1000)));
    expect((await store.readLog('a/log'))?.length).toBe(100_077);
  });

  it.each([
    ['takes none', { write: () => 0, writeAsync: async () => 0 }],
    ['keeps fewer than it said', { fstat: () => ({ kind: 'file' as const, size: 12, mtime: 0 }) }],
  ])('and then %s fails the put', async (_title, changes) => {
    using folder = temporaryFolder();
    const store = fsStore(folder.path, { fs: { ...nodeFileSystem, ...changes } });
    for (const bytes of [body, body.subarray(0, 1000)]) {
      await expect(store.put('a/b', bytes)).rejects.toThrow(/Check the disk/);
    }
    const log = await store.createLog('a/log');
    await expect(log.append(body)).rejects.toThrow(StorageError);
    await log.close();
    expect(await fsStore(folder.path).get('a/b')).toBeUndefined();
  });
});
