import { AppendGroups, StorageError } from '@crystallize/core/storage';
import { expect, test } from 'vitest';

const piece = (text: string) => Buffer.from(text);

test('what is appended while a write is under way goes together into the next, in order', async () => {
  const written: string[][] = [];
  const first = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const groups = new AppendGroups('the log', async (pieces) => {
    written.push(pieces.map(String));
    begun.resolve();
    if (written.length === 1) await first.promise;
  });
  const ends = [groups.append(piece('a')), groups.append(piece('b'))];
  await begun.promise;
  ends.push(groups.append(piece('c')), groups.append(piece('d')));
  first.resolve();
  await Promise.all(ends);
  expect(written).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  await groups.append(piece('e'));
  expect(written.at(-1)).toEqual(['e']);
});

test('once a write has failed every later append rejects with that error, and nothing more is written', async () => {
  let writes = 0;
  const groups = new AppendGroups('the log', async () => {
    writes += 1;
    throw new Error('full');
  });
  expect(groups.isBroken).toBe(false);
  await expect(groups.append(piece('a'))).rejects.toThrow('full');
  await expect(groups.append(piece('b'))).rejects.toThrow('full');
  expect([groups.isBroken, writes]).toEqual([true, 1]);
});

test('closing waits for what was appended, and refuses what comes later', async () => {
  const written: string[] = [];
  const groups = new AppendGroups('the log', async (pieces) => {
    written.push(...pieces.map(String));
  });
  const last = groups.append(piece('a'));
  await groups.close();
  expect(written).toEqual(['a']);
  await last;
  const late = groups.append(piece('b'));
  await expect(late).rejects.toBeInstanceOf(StorageError);
  await expect(late).rejects.toThrow('Could not append to the log: the log is closed.');
  await groups.close();
});
