import { expect, test } from 'vitest';
import { MemoryStepCache, MOST_BYTES, MOST_OBJECTS } from '../../src/cache/memory-step-cache.ts';

const pieces = async function* (...list: Uint8Array[]) {
  yield* list;
};

test('it keeps copies of objects, whole, by key and by folder', async () => {
  const cache = new MemoryStepCache();
  const bytes = Buffer.from('one');
  await cache.put('a/b/one', bytes);
  await cache.put('a/b/two', pieces(Buffer.from('t'), Buffer.from('wo')));
  await cache.put('a/three', Buffer.from('3'));
  bytes.fill(0);
  expect(Buffer.from((await cache.get('a/b/one')) ?? []).toString()).toBe('one');
  expect(Buffer.concat(await Array.fromAsync(cache.stream('a/b/two'))).toString()).toBe('two');
  expect(await cache.names('a/b')).toEqual(['one', 'two']);
  expect(await cache.names('a')).toEqual(['three']);
  expect(await cache.names('none')).toEqual([]);
  expect(await cache.get('a/none')).toBeUndefined();
  await expect(Array.fromAsync(cache.stream('a/none'))).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
});

test('more than it may hold makes it forget what was used longest ago', async () => {
  const cache = new MemoryStepCache();
  const quarter = new Uint8Array(MOST_BYTES / 4);
  for (const name of ['a', 'b', 'c', 'd']) await cache.put(`f/${name}`, quarter);
  await cache.get('f/a');
  await cache.put('f/e', quarter);
  expect((await cache.names('f')).toSorted()).toEqual(['a', 'c', 'd', 'e']);
  await cache.put('f/a', new Uint8Array(1));
  await cache.put('f/b', quarter.subarray(1));
  expect(await cache.names('f')).toHaveLength(5);
  for (let index = 0; index < MOST_OBJECTS; index++) await cache.put(`many/${index}`, new Uint8Array(0));
  expect(await cache.names('f')).toEqual([]);
  expect(await cache.names('many')).toHaveLength(MOST_OBJECTS);
});

test('an object larger than all that it may hold is not kept, and takes the place of none', async () => {
  const cache = new MemoryStepCache();
  await cache.put('f/small', new Uint8Array(1));
  const half = new Uint8Array(MOST_BYTES / 2 + 1);
  await cache.put('f/huge', pieces(half, half));
  await cache.put('f/huge', new Uint8Array(MOST_BYTES + 1));
  expect(await cache.names('f')).toEqual(['small']);
});
