import { expect, it } from 'vitest';
import { StorageError } from '../../src/errors/storage-errors.ts';
import * as layout from '../../src/storage/layout.ts';
import type { ReadableStore, StoreChild } from '../../src/storage/store.ts';

const place = { replicate: 3, condition: 'k=1', step: 'fit', name: 'models/best.json' };

it('everything of a run has its place', () => {
  expect(layout.versionFolder('e', 2)).toBe('e/v2');
  expect(layout.metadataKey('e', 2)).toBe('e/v2/metadata.json');
  expect(layout.manifestKey('e', 2)).toBe('e/v2/_manifest.json');
  expect(layout.resultsKey('e', 2, 'k=1')).toBe('e/v2/k=1/results.json');
  expect(layout.completeKey('e', 2, 'k=1')).toBe('e/v2/k=1/.crystallize_complete');
  expect(layout.cellFolder('e', 2, place)).toBe('e/v2/replicate_3/k=1');
  expect(layout.artifactKey('e', 2, place)).toBe('e/v2/replicate_3/k=1/fit/models/best.json');
  expect(layout.claimKey('e', 2)).toBe('e/.crystallize/v2/run.json');
  expect(layout.cellLogKey('e', 2, 1)).toBe('e/.crystallize/v2/cells.1.log');
  expect(layout.lockKey('e')).toBe('e/.crystallize/lock');
  expect(layout.lockKey('e', 2)).toBe('e/.crystallize/v2/lock');
  expect(layout.supersededFolder('e', 2, 1, place)).toBe('e/.crystallize/v2/superseded/1/replicate_3/k=1');
});

it('a version and a replicate have one spelling each', () => {
  expect(['v0', 'v1', 'v20'].map(layout.parseVersionName)).toEqual([0, 1, 20]);
  for (const name of ['v', 'v01', 'V1', 'v-1', 'v1a', 'xv1', 'v1\n', 'v1e3', `v${'9'.repeat(30)}`]) {
    expect(layout.parseVersionName(name), name).toBeUndefined();
  }
  expect(layout.parseReplicateName('replicate_12')).toBe(12);
  expect(layout.parseReplicateName('replicate_012')).toBeUndefined();
});

it('the next version is beyond every folder and every claim, so that no number is used again', async () => {
  expect(await layout.nextVersion(storeOf({}), 'e')).toBe(0);
  expect(await layout.nextVersion(storeOf({ e: ['v0', 'v2', 'notes'] }), 'e')).toBe(3);
  expect(await layout.nextVersion(storeOf({ e: ['v0'], 'e/.crystallize': ['v7', 'aside'] }), 'e')).toBe(8);
});

it('a version is one of which anything is kept: not one whose number was taken in vain', async () => {
  const store = storeOf({
    e: ['v10', 'v2', 'v2x'],
    'e/.crystallize': ['v2', 'v3', 'v11', 'v12'],
    'e/.crystallize/v3': ['run.json'],
    'e/.crystallize/v11': ['lock'],
  });
  expect(await layout.listVersions(store, 'e')).toEqual([2, 3, 10]);
  expect(await layout.nextVersion(store, 'e')).toBe(13);
});

it('records that can not be read are no reason to take them for none', async () => {
  const store: ReadableStore = {
    ...storeOf({ 'e/.crystallize': ['v0', 'v1'] }),
    children: async (folder) => {
      if (folder === 'e/.crystallize/v1') throw new StorageError('EACCES');
      return storeOf({ 'e/.crystallize': ['v0', 'v1'] }).children(folder);
    },
  };
  await expect(layout.listVersions(store, 'e')).rejects.toThrow('EACCES');
});

function storeOf(folders: Readonly<Record<string, readonly string[]>>): ReadableStore {
  const children = async (folder: string): Promise<readonly StoreChild[]> =>
    (folders[folder] ?? []).map((name) => ({ name, kind: 'folder' }));
  return { children } as ReadableStore;
}
