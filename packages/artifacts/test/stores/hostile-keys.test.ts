import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UnsafeNameError } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { fineNames, hostileParts } from '../../../core/test/storage/hostile-names.ts';
import { collect } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

// The layout has names of its own that begin so.
const hostile = Object.values(hostileParts)
  .flat()
  .filter((part) => !part.startsWith('.crystallize') || part.startsWith('.crystallize-tmp-'));
const positions: readonly (readonly [title: string, keyOf: (part: string) => string])[] = [
  ['the experiment', (part) => `${part}/v0/replicate_0/baseline/fit/a`],
  ['the version', (part) => `exp/${part}/replicate_0/baseline/fit/a`],
  ['the replicate', (part) => `exp/v0/${part}/baseline/fit/a`],
  ['the condition', (part) => `exp/v0/replicate_0/${part}/fit/a`],
  ['the step', (part) => `exp/v0/replicate_0/baseline/${part}/a`],
  ['the artifact', (part) => `exp/v0/replicate_0/baseline/fit/${part}`],
];

describe.each(positions)('a hostile name in the place of %s', (_title, keyOf) => {
  it('is refused by every store, and nothing is written', async () => {
    expect(hostile.length).toBeGreaterThan(150);
    using folder = temporaryFolder();
    const root = join(folder.path, 'root');
    mkdirSync(root);
    for (const store of [fsStore(root, { durability: 'process' }), memoryStore()]) {
      for (const part of hostile) {
        const name = JSON.stringify(part.slice(0, 40));
        await expect(store.put(keyOf(part), Buffer.from('x')), name).rejects.toThrow(UnsafeNameError);
        await expect(store.get(keyOf(part)), name).rejects.toThrow(UnsafeNameError);
      }
      expect(await collect(store.list(''))).toEqual([]);
    }
    expect(readdirSync(folder.path)).toEqual(['root']);
    expect(readdirSync(root)).toEqual([]);
  });

  it('is told from a name that people give, which is kept exactly', async () => {
    using folder = temporaryFolder();
    for (const store of [fsStore(folder.path, { durability: 'process' }), memoryStore()]) {
      for (const part of fineNames) await store.put(keyOf(part), Buffer.from(part), { ifAbsent: true });
      const listed = await collect(store.list(''));
      expect(listed.map(({ key }) => key)).toEqual(fineNames.map(keyOf).sort());
    }
  });
});
