import { existsSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactNotFoundError, CorruptArtifactError } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { memoryStore } from '../../src/memory-store/memory-store.ts';
import { saveExample } from './saved-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('an artifact whose bytes have changed', () => {
  const target = { replicate: 0, condition: 'baseline', step: 'fit', name: 'model.json' };
  const damages: readonly (readonly [title: string, damage: (path: string) => void, message: RegExp])[] = [
    [
      'a byte',
      (path) => writeFileSync(path, '{"k": 6}'),
      /expected the sha256 [0-9a-f]{64}, found [0-9a-f]{64}/,
    ],
    ['its end', (path) => truncateSync(path, 3), /expected 8 bytes, found 3 bytes/],
    ['everything', (path) => truncateSync(path, 0), /expected 8 bytes, found 0 bytes/],
    ['its length', (path) => writeFileSync(path, '{"k": 5} '), /expected 8 bytes, found 9 bytes/],
  ];

  it.each(damages)('is refused however it is read, when it lost %s', async (_title, damage, message) => {
    using folder = temporaryFolder();
    const version = await saveExample(fsStore(folder.path));
    damage(join(folder.path, 'penguins/v0/replicate_0/baseline/fit/model.json'));
    const file = await version.artifact(target);
    const reads = [
      () => file.bytes(),
      () => file.text(),
      () => file.json(),
      () => file.path(),
      () => collect(file.stream()),
    ];
    for (const read of reads) {
      await expect(read()).rejects.toThrow(CorruptArtifactError);
      await expect(read()).rejects.toThrow(message);
      await expect(read()).rejects.toThrow(
        /'model.json' of the step 'fit' \(penguins v0, replicate 0 of 'baseline'\)/,
      );
    }
  });

  it('is missing, not damaged, when it is removed after it was found', async () => {
    using folder = temporaryFolder();
    const version = await saveExample(fsStore(folder.path));
    const file = await version.artifact(target);
    unlinkSync(await file.path());
    for (const read of [() => file.bytes(), () => file.path(), () => collect(file.stream())]) {
      await expect(read()).rejects.toThrow(ArtifactNotFoundError);
    }
  });

  it('leaves no copy behind when it comes from elsewhere', async () => {
    const store = memoryStore();
    const version = await saveExample(store);
    await store.put('penguins/v0/replicate_0/baseline/fit/model.json', Buffer.from('{"k": 6}'));
    const file = await version.artifact(target);
    await expect(file.path()).rejects.toThrow(CorruptArtifactError);
    await store.put('penguins/v0/replicate_0/baseline/fit/model.json', Buffer.from('{"k": 5}'));
    expect(existsSync(await file.path())).toBe(true);
  });

  it('with text that is no JSON is told from one that is damaged', async () => {
    using folder = temporaryFolder();
    const version = await saveExample(fsStore(folder.path));
    const file = await version.artifact({ ...target, step: 'split', name: 'rows.csv' });
    await expect(file.json()).rejects.toThrow(SyntaxError);
    await expect(file.json()).rejects.toThrow(/rows.csv.* is no JSON/);
  });
});
