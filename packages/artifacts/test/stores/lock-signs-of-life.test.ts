import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type FileSystem,
  identifyProcess,
  nodeFileSystem,
  RunLockedError,
  StorageError,
} from '@crystallize/core/storage';
import { expect, it, vi } from 'vitest';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { watchedFs } from './test-file-systems.ts';

const elsewhere = { host: 'elsewhere', pid: 17 };
const token = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const until = { timeout: 10_000, interval: 5 };

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** The lock file of a process that has died elsewhere. */
function leaveLock(root: string, change: Record<string, unknown> = {}): string {
  const path = join(root, 'exp', 'lock');
  mkdirSync(join(root, 'exp'), { recursive: true });
  const owner = { ...elsewhere, lease: 200, takenAt: 'then', token: token(1), ...change };
  // As the store does it: whole or not at all.
  writeFileSync(`${path}.new`, `${JSON.stringify(owner)}\n`);
  renameSync(`${path}.new`, path);
  return path;
}

it.each([
  ['on another machine', elsewhere],
  ['in another container', { ...identifyProcess(), namespace: 'pid:[1]' }],
])(
  'an owner %s that gives signs of life keeps its lock, and the error says who it is',
  async (_where, identity) => {
    using folder = temporaryFolder();
    const lock = await fsStore(folder.path, { identity, lease: 300 }).lock('exp/lock');
    const attempt = fsStore(folder.path, { lease: 300 }).lock('exp/lock');
    await expect(attempt).rejects.toThrow(RunLockedError);
    await expect(attempt).rejects.toThrow(`process ${identity.pid} on ${identity.host}`);
    await expect(attempt).rejects.toThrow(/lives.* Wait until that has ended/);
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
  },
);

it.each([
  ['now', Date.now() / 1000],
  ['in a hundred years', Date.now() / 1000 + 3e9],
  ['long ago', 1000],
])(
  'an owner elsewhere that gives none for the lease is dead, whatever its clock said: %s',
  async (_when, time) => {
    using folder = temporaryFolder();
    utimesSync(leaveLock(folder.path), time, time);
    const store = fsStore(folder.path, { lease: 150 });
    const start = performance.now();
    const lock = await store.lock('exp/lock');
    // The longer of the two leases counts: the owner gives its signs by its own.
    expect(performance.now() - start).toBeGreaterThanOrEqual(200);
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
    expect(await store.children('exp')).toEqual([]);
  },
);

it('a lock that is released while it is watched is taken at once', async () => {
  using folder = temporaryFolder();
  const path = leaveLock(folder.path, { lease: 3000 });
  let looks = 0;
  const fs = watchedFs(({ operation, args }) => {
    if (operation === 'open' && args[0] === path && ++looks === 5) rmSync(path);
  });
  await (await fsStore(folder.path, { fs, lease: 10 }).lock('exp/lock')).release();
  expect(looks).toBeGreaterThanOrEqual(5);
});

it('a lock that another takes over while it is watched is that one’s', async () => {
  using folder = temporaryFolder();
  const path = leaveLock(folder.path);
  let looks = 0;
  const fs = watchedFs(({ operation, args }) => {
    if (operation === 'open' && args[0] === path && ++looks === 5)
      leaveLock(folder.path, { host: 'third', token: token(2) });
  });
  await expect(fsStore(folder.path, { fs, lease: 100 }).lock('exp/lock')).rejects.toThrow('17 on third');
});

it('a sign at the very last moment counts: the owner is watched for another lease', async () => {
  using folder = temporaryFolder();
  const path = leaveLock(folder.path);
  let signs = 0;
  const fs = watchedFs(({ operation, args }) => {
    // The watch is over, and the right to take over is being taken.
    if (operation !== 'link' || !String(args[1]).includes('takeover') || signs > 0) return;
    signs += 1;
    utimesSync(path, 5, 5);
  });
  const start = performance.now();
  const lock = await fsStore(folder.path, { fs, lease: 50 }).lock('exp/lock');
  expect(signs).toBe(1);
  expect(performance.now() - start).toBeGreaterThanOrEqual(400);
  await lock.release();
});

it('time in which the watcher itself stood still does not count: the owner may have stood still as well', async () => {
  using folder = temporaryFolder();
  const lock = await fsStore(folder.path, { identity: elsewhere, lease: 200 }).lock('exp/lock');
  let looks = 0;
  const path = join(folder.path, 'exp', 'lock');
  const fs = watchedFs(({ operation, args }) => {
    if (operation !== 'open' || args[0] !== path || ++looks !== 2) return;
    // Both are of this process, so both stand still.
    const end = performance.now() + 1000;
    while (performance.now() < end);
  });
  // Nothing is waited for between the looks then, in which a sign could be given.
  const store = fsStore(folder.path, { fs, lease: 200, durability: 'process' });
  await expect(store.lock('exp/lock')).rejects.toThrow(/lives/);
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
});

it('the wait for a lock ends with the signal, and leaves nothing behind', async () => {
  using folder = temporaryFolder();
  leaveLock(folder.path, { lease: 3000 });
  const controller = new AbortController();
  const reason = new Error('enough');
  let looks = 0;
  const fs = watchedFs(({ operation, args }) => {
    if (operation === 'open' && String(args[0]).endsWith('lock') && ++looks === 3) controller.abort(reason);
  });
  const store = fsStore(folder.path, { fs, lease: 100 });
  await expect(store.lock('exp/lock', { signal: controller.signal })).rejects.toBe(reason);
  expect(looks).toBe(3);
  expect(nodeFileSystem.readdir(join(folder.path, 'exp')).map(({ name }) => name)).toEqual(['lock']);
});

it('signs that come too late are not given on the lock of the next owner', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'exp', 'lock');
  let signs = 0;
  let isBlind = false;
  const fs = watchedFs(({ operation, args }) => {
    if (operation === 'futimes') signs += 1;
    // So that it does not notice.
    if (isBlind && operation === 'open' && args[0] === path) throw failure('EIO');
  });
  const lock = await fsStore(folder.path, { fs, lease: 60 }).lock('exp/lock');
  isBlind = true;
  leaveLock(folder.path);
  const before = statSync(path).mtimeMs;
  const given = signs;
  await vi.waitFor(() => expect(signs).toBeGreaterThan(given + 3), until);
  expect(statSync(path).mtimeMs).toBe(before);
  await expect(lock.isHeld()).rejects.toThrow(StorageError);
  isBlind = false;
  expect(await lock.isHeld()).toBe(false);
});

it('where no times can be set the lock promises no signs, and is refused from elsewhere as one of unknown fate', async () => {
  using folder = temporaryFolder();
  const fs: FileSystem = {
    ...nodeFileSystem,
    futimes: () => {
      throw failure('ENOTSUP');
    },
  };
  const lock = await fsStore(folder.path, { fs, identity: elsewhere, lease: 30 }).lock('exp/lock');
  expect(readFileSync(join(folder.path, 'exp', 'lock'), 'utf8')).not.toContain('lease');
  const attempt = fsStore(folder.path, { lease: 30 }).lock('exp/lock');
  await expect(attempt).rejects.toThrow(/can't be seen from here.*remove the file/);
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
  expect(nodeFileSystem.readdir(join(folder.path, 'exp'))).toEqual([]);
});

it('an owner that could give no sign for a whole lease counts its lock as lost', async () => {
  using folder = temporaryFolder();
  let isBroken = false;
  const fs = watchedFs(({ operation }) => {
    if (isBroken && operation === 'futimes') throw failure('EIO');
  });
  const lock = await fsStore(folder.path, { fs, lease: 60 }).lock('exp/lock');
  isBroken = true;
  await expect(lock.lost).rejects.toThrow(/signs of life.*EIO/);
  await expect(lock.lost).rejects.toThrow(StorageError);
  expect(await lock.isHeld()).toBe(false);
  await lock.release();
});

it('a machine that is known by its name alone may be another: its locks are not taken for those of before a restart', async () => {
  using folder = temporaryFolder();
  const identity = { host: 'worker', boot: 'one', namespace: 'pid:[1]', pid: 1, start: '9' };
  const path = leaveLock(folder.path, { ...identity, lease: undefined });
  const other = { ...identity, boot: 'two' };
  await expect(fsStore(folder.path, { identity: other }).lock('exp/lock')).rejects.toThrow(/can't be seen/);
  unlinkSync(path);
  leaveLock(folder.path, { ...identity, machine: 'm', lease: undefined });
  await (await fsStore(folder.path, { identity: { ...other, machine: 'm' } }).lock('exp/lock')).release();
});

it('a lease that is no time is refused', () => {
  for (const lease of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number])
    expect(() => fsStore('x', { lease })).toThrow(/lease of fsStore is .* milliseconds above 0/);
});
