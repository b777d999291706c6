import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactPlugin, fsStore } from '@crystallize/artifacts';
import { StorageError } from '@crystallize/core';
import { lockKey } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { bytesOf, rejectionOf, textOf } from '../../src/conformance/law.ts';
import { scaling } from '../plugin/scaling.ts';
import { watchedStore } from '../plugin/watched-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';

it('a resume that loses its lock moves nothing aside: files without a record may be the next owner’s', async () => {
  using folder = temporaryFolder();
  const open = () => fsStore(folder.path, { durability: 'process' });
  await scaling(new ArtifactPlugin({ store: open() }), { replicates: 3 }).run();
  const key = 'scaling/v0/replicate_5/double/scale/data.json';
  await open().put(key, bytesOf('of the next owner'));
  const moved: string[] = [];
  const watched = watchedStore(open(), async (operation, name) => {
    if (operation === 'moveAll') moved.push(name);
    if (operation !== 'createLog') return;
    unlinkSync(join(folder.path, lockKey('scaling')));
    await open().lock(lockKey('scaling'));
  });
  const resumed = scaling(new ArtifactPlugin({ store: watched }), { replicates: 6 }).run({
    strategy: 'resume',
  });
  expect(await rejectionOf(resumed)).toBeInstanceOf(StorageError);
  expect(moved).toEqual([]);
  expect(textOf(await open().get(key))).toBe('of the next owner');
});
