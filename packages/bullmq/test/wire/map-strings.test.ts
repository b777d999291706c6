import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapStrings } from '../../src/wire/map-strings.ts';

test('every text is replaced, and nothing else', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const marked = mapStrings(value, (text) => `${text}!`);
      expect(mapStrings(marked, (text) => text.slice(0, -1))).toEqual(value);
    }),
  );
});

test('a text is told under which key it stands, and what is no plain object stays itself', () => {
  const date = new Date(0);
  const seen: unknown[] = [];
  const mapped = mapStrings({ a: 'x', b: ['y', { c: 'z' }], date }, (text, key) => {
    seen.push([text, key]);
    return text;
  });
  expect(seen).toEqual([
    ['x', 'a'],
    ['y', undefined],
    ['z', 'c'],
  ]);
  expect(mapped.date).toBe(date);
});
