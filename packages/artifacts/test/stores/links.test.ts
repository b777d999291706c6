import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { watchedFs } from './test-file-systems.ts';

const bytes = Buffer.from('bytes');

/** A store, and a folder beside it that must stay as it is. */
function prepare(path: string): { readonly root: string; readonly outside: string } {
  const root = join(path, 'root');
  const outside = join(path, 'outside');
  for (const folder of [root, outside, join(root, 'exp')]) mkdirSync(folder);
  writeFileSync(join(outside, 'precious'), 'precious');
  return { root, outside };
}

describe('a link below the root of a store', () => {
  it('is never written, removed or moved through', async () => {
    using folder = temporaryFolder();
    const { root, outside } = prepare(folder.path);
    symlinkSync(outside, join(root, 'exp', 'link'));
    const store = fsStore(root);
    const attempts = [
      store.put('exp/link/x', bytes),
      store.put('exp/link/deep/er/x', bytes),
      store.put('exp/link/x', bytes, { ifAbsent: true }),
      store.createLog('exp/link/x'),
      store.lock('exp/link/x'),
      store.remove('exp/link/precious'),
      store.removeAll('exp/link/deep'),
      store.removeAll('exp/link'),
      store.moveAll('exp/link', 'exp/moved'),
      store.moveAll('exp/link/a', 'exp/moved'),
    ];
    for (const attempt of attempts) {
      await expect(attempt).rejects.toThrow(StorageError);
      await expect(attempt).rejects.toThrow(/symbolic link/);
    }
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  it('is itself replaced or removed where an object is, and what it points to stays', async () => {
    using folder = temporaryFolder();
    const { root, outside } = prepare(folder.path);
    for (const name of ['put', 'remove', 'dangling'])
      symlinkSync(join(outside, name === 'dangling' ? 'new' : 'precious'), join(root, 'exp', name));
    const store = fsStore(root);
    await store.put('exp/put', bytes);
    await store.remove('exp/remove');
    await expect(store.put('exp/dangling', bytes, { ifAbsent: true })).rejects.toMatchObject({
      code: 'OBJECT_EXISTS',
    });
    await store.put('exp/dangling', bytes);
    await expect(store.createLog('exp/put')).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious');
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  it('is unlinked, not followed, when a folder around it is removed', async () => {
    using folder = temporaryFolder();
    const { root, outside } = prepare(folder.path);
    mkdirSync(join(root, 'exp', 'a'));
    symlinkSync(outside, join(root, 'exp', 'a', 'link'));
    await fsStore(root).removeAll('exp');
    expect(existsSync(join(root, 'exp'))).toBe(false);
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  it.runIf(process.platform === 'linux')(
    'is noticed also when it comes in while the store is in use',
    async () => {
      using folder = temporaryFolder();
      const { root, outside } = prepare(folder.path);
      const store = fsStore(root);
      await store.put('exp/v0/a', bytes);
      renameSync(join(root, 'exp', 'v0'), join(root, 'exp', 'was'));
      symlinkSync(outside, join(root, 'exp', 'v0'));
      await expect(store.put('exp/v0/b', bytes)).rejects.toThrow(/leads out of .* by a symbolic link/);
      await expect(store.createLog('exp/v0/log')).rejects.toThrow(/leads out of .* by a symbolic link/);
      expect(readdirSync(outside)).toEqual(['precious']);
    },
  );

  it.runIf(process.platform === 'linux')('is noticed also between the look and the write', async () => {
    using folder = temporaryFolder();
    const { root, outside } = prepare(folder.path);
    const fs = watchedFs(({ operation, args }) => {
      const isTemporary = operation === 'open' && String(args[0]).includes('.crystallize-tmp-');
      if (!isTemporary || existsSync(join(root, 'exp', 'was'))) return;
      renameSync(join(root, 'exp', 'v0'), join(root, 'exp', 'was'));
      symlinkSync(outside, join(root, 'exp', 'v0'));
    });
    await expect(fsStore(root, { fs }).put('exp/v0/a', bytes)).rejects.toThrow(StorageError);
    expect(readdirSync(outside)).toEqual(['precious']);
  });
});

it('the root of a store may be a link', async () => {
  using folder = temporaryFolder();
  const { root, outside } = prepare(folder.path);
  symlinkSync(outside, join(root, 'elsewhere'));
  const store = fsStore(join(root, 'elsewhere'));
  await store.put('exp/a', bytes);
  expect(readFileSync(join(outside, 'exp', 'a'), 'utf8')).toBe('bytes');
  expect(Buffer.from((await store.get('exp/a')) ?? []).toString()).toBe('bytes');
});
