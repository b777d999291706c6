import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPrefix } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { bytesOf, rejectionOf, textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

it('a move goes to where a crash has left nothing but folders and temporary files', async () => {
  using folder = temporaryFolder();
  const store = fsStore(folder.path, { durability: 'process' });
  await store.put('from/a', bytesOf('moved'));
  mkdirSync(join(folder.path, 'to/deep/er'), { recursive: true });
  writeFileSync(join(folder.path, 'to/deep', `${temporaryPrefix}x`), 'half');
  await store.moveAll('from', 'to');
  expect(readdirSync(join(folder.path, 'to'))).toEqual(['a']);
  await store.put('to/deep/b', bytesOf('b'));
  expect(textOf(await store.get('to/deep/b'))).toBe('b');
});

it('a move to where anything else is changes nothing, not even what a crash has left', async () => {
  using folder = temporaryFolder();
  const store = fsStore(folder.path, { durability: 'process' });
  await store.put('from/a', bytesOf('moved'));
  await store.put('to/z/b', bytesOf('there'));
  mkdirSync(join(folder.path, 'to/empty'));
  expect(await rejectionOf(store.moveAll('from', 'to'))).toMatchObject({ code: 'OBJECT_EXISTS' });
  expect([textOf(await store.get('from/a')), textOf(await store.get('to/z/b'))]).toEqual(['moved', 'there']);
  expect(readdirSync(join(folder.path, 'to'))).toEqual(['empty', 'z']);
});
