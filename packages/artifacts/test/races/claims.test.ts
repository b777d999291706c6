import { expect, it } from 'vitest';
import { textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { Crew, rounds } from './crew.ts';

const keys = 1000;
const processes = 8;
const atOnce = 25;

/** For each key the processes that say that they got it. */
async function race(root: string, ...how: readonly string[]): Promise<number[][]> {
  await using crew = new Crew(processes, 'claim.ts', root, ...how);
  await crew.lines();
  const winners = Array.from({ length: keys }, (): number[] => []);
  // A few at a time, so that they start together again and again.
  for (let from = 0; from < keys; from += atOnce) {
    crew.tell(Array.from({ length: atOnce }, (_, index) => from + index).join(' '));
    for (const [number, line] of (await crew.lines()).entries())
      for (const key of line.split(' ').filter(Boolean)) winners[Number(key)]?.push(number);
  }
  return winners;
}

it(`of ${processes} processes that claim ${keys} keys each key has exactly one, and holds its bytes`, async () => {
  for (let round = 0; round < rounds(1); round += 1) {
    using folder = temporaryFolder();
    const winners = await race(folder.path);
    expect(winners.filter(({ length }) => length !== 1)).toEqual([]);
    const store = fsStore(folder.path);
    for (const [key, [winner]] of winners.entries())
      expect(textOf(await store.get(`claims/${key}`))).toBe(String(winner));
    // They did race, or this would prove nothing.
    expect(new Set(winners.flat()).size).toBeGreaterThan(1);
  }
});

it('claims by looking and then writing are found to have two winners', async () => {
  using folder = temporaryFolder();
  const winners = await race(folder.path, 'naive');
  expect(winners.filter(({ length }) => length > 1)).not.toEqual([]);
});
