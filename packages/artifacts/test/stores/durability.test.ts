import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type FileSystem, nodeFileSystem } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Keeps account of what a power cut would leave: the bytes of a file as of its last fsync, the names in
 * a folder as of its last fsync.
 */
class PowerCut {
  readonly calls = { fsync: 0, fdatasync: 0, folderSyncs: new Map<string, number>() };
  readonly fs: FileSystem;
  readonly #paths = new Map<number, string>();
  /** What each name stands for now: a number for each file, kept when it is renamed. */
  readonly #names = new Map<string, number>();
  readonly #safeNames = new Map<string, ReadonlyMap<string, number>>();
  readonly #dirty = new Set<number>();
  #files = 0;

  constructor(root: string) {
    this.fs = {
      ...nodeFileSystem,
      open: (path, flags) => {
        const fd = nodeFileSystem.open(path, flags);
        this.#paths.set(fd, path);
        if (!this.#names.has(path) && path.startsWith(root) && path !== root)
          this.#names.set(path, this.#files++);
        return fd;
      },
      mkdir: (path) => {
        nodeFileSystem.mkdir(path);
        this.#names.set(path, this.#files++);
      },
      write: (fd, bytes) => {
        this.#soil(fd);
        return nodeFileSystem.write(fd, bytes);
      },
      writeAsync: (fd, bytes) => {
        this.#soil(fd);
        return nodeFileSystem.writeAsync(fd, bytes);
      },
      fsync: async (fd) => {
        const path = this.#paths.get(fd) as string;
        const file = this.#names.get(path);
        // As of the call, not of its end.
        const names = new Map([...this.#names].filter(([name]) => dirname(name) === path));
        await nodeFileSystem.fsync(fd);
        // The higher a folder, the longer it takes: nobody may rely on the order in which they end.
        for (let turns = 3 * Math.max(0, 15 - path.split('/').length); turns > 0; turns -= 1)
          await setImmediate();
        this.calls.fsync += 1;
        if (nodeFileSystem.lstat(path).kind === 'folder') {
          this.calls.folderSyncs.set(path, (this.calls.folderSyncs.get(path) ?? 0) + 1);
          this.#safeNames.set(path, names);
        } else if (file !== undefined) this.#dirty.delete(file);
      },
      fdatasync: async (fd) => {
        this.calls.fdatasync += 1;
        await nodeFileSystem.fdatasync(fd);
        this.#dirty.delete(this.#names.get(this.#paths.get(fd) as string) as number);
      },
      rename: (from, to) => {
        nodeFileSystem.rename(from, to);
        this.#names.set(to, this.#names.get(from) as number);
        this.#names.delete(from);
      },
      link: (existing, added) => {
        nodeFileSystem.link(existing, added);
        this.#names.set(added, this.#names.get(existing) as number);
      },
    };
  }

  /** Whether a path would be there, with its bytes, down from the folder above the root. */
  survives(path: string, root: string): boolean {
    const file = this.#names.get(path);
    if (file === undefined || this.#dirty.has(file)) return false;
    for (let at = path; at !== dirname(root); at = dirname(at)) {
      if (this.#safeNames.get(dirname(at))?.get(at) !== this.#names.get(at)) return false;
    }
    return true;
  }

  #soil(fd: number): void {
    this.#dirty.add(this.#names.get(this.#paths.get(fd) as string) as number);
  }
}

it('what was reported as written would survive a power cut, with every folder above it', async () => {
  using folder = temporaryFolder();
  const root = join(folder.path, 'store');
  const power = new PowerCut(root);
  const store = fsStore(root, { fs: power.fs });
  const large = Buffer.alloc(300_000, 1);
  const keys: string[] = [];
  const put = async (key: string, body: Uint8Array, ifAbsent: boolean): Promise<void> => {
    await store.put(key, body, { ifAbsent });
    keys.push(key);
    expect(power.survives(join(root, key), root), key).toBe(true);
  };
  await put('exp/v0/replicate_0/baseline/fit/a', Buffer.from('a'), false);
  await put('exp/v0/replicate_0/baseline/fit/a', large, false);
  // Side by side, in folders that are being made by the others.
  const sideBySide = Array.from({ length: 40 }, (_, index) =>
    put(
      `exp/v0/replicate_${index >> 2}/k=${index % 3}/fit/${index}`,
      index % 5 ? Buffer.from('b') : large,
      index % 2 === 0,
    ),
  );
  await Promise.all(sideBySide);
  const log = await store.createLog('exp/logs/cells.log');
  for (let index = 0; index < 5; index += 1) {
    await log.append(Buffer.from(`entry ${index}`));
    expect(power.survives(join(root, 'exp/logs/cells.log'), root)).toBe(true);
  }
  await log.close();
  await store.moveAll('exp/logs', 'aside/deep/logs');
  expect(keys.every((key) => power.survives(join(root, key), root))).toBe(true);
});

it('a folder that a process made which died before it was safe is made safe', async () => {
  using folder = temporaryFolder();
  const root = join(folder.path, 'store');
  await fsStore(root, { durability: 'process' }).put('exp/v0/a', Buffer.from('a'));
  const power = new PowerCut(root);
  await fsStore(root, { fs: power.fs }).put('exp/v0/b', Buffer.from('b'));
  for (const path of ['', 'exp', 'exp/v0'])
    expect(power.calls.folderSyncs.get(join(root, path)), path).toBeGreaterThan(0);
});

it('puts into one folder at the same time share their fsyncs of it', async () => {
  using folder = temporaryFolder();
  const power = new PowerCut(folder.path);
  const store = fsStore(folder.path, { fs: power.fs });
  await store.put('exp/first', Buffer.from('x'));
  const before = power.calls.folderSyncs.get(join(folder.path, 'exp')) ?? 0;
  await Promise.all(Array.from({ length: 64 }, (_, index) => store.put(`exp/${index}`, Buffer.from('x'))));
  expect((power.calls.folderSyncs.get(join(folder.path, 'exp')) ?? 0) - before).toBeLessThan(40);
});

it('appends that come while one is under way share one fdatasync', async () => {
  using folder = temporaryFolder();
  const power = new PowerCut(folder.path);
  const log = await fsStore(folder.path, { fs: power.fs }).createLog('exp/log');
  await Promise.all(Array.from({ length: 100 }, () => log.append(Buffer.from('x'))));
  expect(power.calls.fdatasync).toBe(1);
  await log.close();
});

it("with the durability 'process' nothing waits for the disk", async () => {
  using folder = temporaryFolder();
  const power = new PowerCut(folder.path);
  const store = fsStore(folder.path, { fs: power.fs, durability: 'process' });
  await store.put('exp/a', Buffer.from('x'));
  await store.put('exp/b', Buffer.alloc(300_000), { ifAbsent: true });
  const log = await store.createLog('exp/log');
  await log.append(Buffer.from('x'));
  await log.close();
  await (await store.lock('exp/lock')).release();
  await store.removeAll('exp');
  expect(power.calls.fsync + power.calls.fdatasync).toBe(0);
});

it('a failed fsync of a folder is not tried again: every later put there fails with the same error', async () => {
  using folder = temporaryFolder();
  let failures = 0;
  const fs: FileSystem = {
    ...nodeFileSystem,
    fsync: async (fd) => {
      if (nodeFileSystem.fstat(fd).kind === 'folder' && nodeFileSystem.pathOf(fd)?.endsWith('/bad')) {
        failures += 1;
        throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
      }
    },
  };
  const store = fsStore(folder.path, { fs });
  const error: unknown = await store.put('exp/bad/a', Buffer.from('x')).catch((thrown: unknown) => thrown);
  await expect(store.put('exp/bad/b', Buffer.from('x'))).rejects.toBe(error);
  await store.put('exp/good/b', Buffer.from('x'));
  expect(failures).toBe(1);
});
