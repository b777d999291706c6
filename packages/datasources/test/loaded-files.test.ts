import { expect, it } from 'vitest';
import { LoadedFiles } from '../src/csv/loaded-files.ts';

/** Asks for files one after the other, and says which were loaded. */
async function loads(room: number, asked: readonly string[], size: number): Promise<string[]> {
  const files = new LoadedFiles<string>(room);
  const loaded: string[] = [];
  for (const key of asked) {
    const content = await files.get(key, async () => {
      loaded.push(key);
      return { content: key.toUpperCase(), size };
    });
    expect(content).toBe(key.toUpperCase());
  }
  return loaded;
}

it('loads a file once while there is room', async () => {
  expect(await loads(30, ['a', 'b', 'a', 'c', 'b', 'a'], 10)).toEqual(['a', 'b', 'c']);
});

it('lets go first of what was not used for the longest time', async () => {
  expect(await loads(20, ['a', 'b', 'a', 'c', 'a', 'b'], 10)).toEqual(['a', 'b', 'c', 'b']);
});

it('keeps the last file, however large it is', async () => {
  expect(await loads(1, ['a', 'a', 'b', 'b', 'a'], 10)).toEqual(['a', 'b', 'a']);
});

it('loads a file once for all who ask for it at the same time', async () => {
  const files = new LoadedFiles<number>(1);
  let count = 0;
  const load = async () => ({ content: ++count, size: 10 });
  expect(await Promise.all([files.get('a', load), files.get('a', load)])).toEqual([1, 1]);
});
