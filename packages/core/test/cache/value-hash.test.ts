import { Artifact, secret } from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueHash } from '../../src/cache/value-hash.ts';
import { valueDifference } from '../../src/storage/value-difference.ts';
import { decodeValue, encodeValue } from '../../src/storage/values.ts';

const hash = (value: unknown) => valueHash(value, '$');

const anyValue = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  maxDepth: 3,
});

test('a value that was stored and read again has the same hash', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      let encoded: unknown;
      try {
        encoded = encodeValue(value);
      } catch {
        return;
      }
      expect(hash(decodeValue(JSON.parse(JSON.stringify(encoded))))).toBe(hash(value));
    }),
    { numRuns: 500 },
  );
});

test('two values have one hash only when nothing tells them apart', () => {
  const few = fc.constantFrom(0, -0, Number.NaN, 1n, '', '0', 'n0;', true, null, undefined, 'u;');
  const flat = fc.oneof(
    few,
    fc.array(few, { maxLength: 2 }),
    fc.uniqueArray(few, { maxLength: 2 }).map((items) => new Set(items)),
    fc.dictionary(fc.constantFrom('a', 'b'), few, { noNullPrototype: true }),
  );
  const small = fc.oneof(
    flat,
    fc.array(flat, { maxLength: 2 }),
    fc.tuple(few, flat).map((entry) => new Map([entry])),
  );
  fc.assert(
    fc.property(small, small, (left, right) => {
      expect(hash(left) === hash(right)).toBe(valueDifference(left, right) === undefined);
    }),
    { numRuns: 5000 },
  );
});

const one = { n: 1 };
test.each<[string, unknown, unknown]>([
  ['the order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
  [
    'the order of a Map',
    new Map([
      [1, 1],
      [2, 2],
    ]),
    new Map([
      [2, 2],
      [1, 1],
    ]),
  ],
  ['the order of a Set', new Set([1, 2]), new Set([2, 1])],
  ['which parts are one object', [one, one], [{ n: 1 }, { n: 1 }]],
  ['the sign of zero', [0], [-0]],
  ['a prototype', {}, Object.create(null)],
  ['a type of bytes', new Uint8Array([1]), Buffer.from([1])],
  ['a view of other bytes', new Uint8Array([1, 2, 3]).subarray(1), new Uint8Array([1, 2])],
  ['half of a surrogate pair', '\ud800', '\udc00'],
  ['a secret', secret('one'), secret('two')],
  ['an error', new TypeError('a'), new RangeError('a')],
  ['a URL', new URL('https://a.example'), new URL('https://b.example')],
  ['flags of a RegExp', /a/g, /a/i],
  ['an artifact', new Artifact('a'), new Artifact('b')],
  ['the bytes of a file', file({}), file({ sha256: 'b'.repeat(64) })],
  ['the cell of a file', file({}), file({ replicate: 1 })],
])('%s counts', (_what, left, right) => {
  expect(hash(left)).not.toBe(hash(right));
});

test('the same file in another version is the same', () => {
  expect(hash({ model: file({ version: 3 }) })).toBe(hash({ model: file({ version: 4 }) }));
});

test.each<[string, unknown, RegExp]>([
  ['a function', { f: () => 1 }, /^At \$\.f: a function/],
  ['a symbol', [Symbol('s')], /^At \$\[0\]: a symbol/],
  ['a class instance', { a: [new (class Net {})()] }, /^At \$\.a\[0\]: an instance of Net/],
  ['a stream', (async function* () {})(), /an instance of/],
  ['an array with holes', Array(2), /holes/],
  ['a hidden key', Object.defineProperty({}, 'x', { value: 1 }), /hidden/],
  ['shared memory', new Uint8Array(new SharedArrayBuffer(1)), /shared memory/],
  ['a file without a sha256', { ...file({}), sha256: undefined }, /a function/],
])('%s is refused with its path', (_what, value, message) => {
  expect(() => hash(value)).toThrow(message);
});

test('a cycle has a hash, and what is nested without end is refused', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  expect(hash(cycle)).toMatch(/^[0-9a-f]{64}$/);
  let deep: unknown = 0;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(() => hash(deep)).toThrow(/nesting deeper/);
});

test('what can still change is hashed anew each time, also inside of what is frozen', () => {
  const inner = new Map([['a', 1]]);
  const outer = Object.freeze({ inner });
  const before = hash(outer);
  inner.set('a', 2);
  expect(hash(outer)).not.toBe(before);
  const list = [1];
  const lists = [list, Object.freeze([list]), Object.freeze({ list })];
  const hashes = lists.map(hash);
  list.push(2);
  expect(lists.map(hash).filter((now, index) => now === hashes[index])).toEqual([]);
  const plain: Record<string, number> = {};
  const nested = Object.freeze({ plain });
  const bare = hash(nested);
  plain['a'] = 1;
  expect(hash(nested)).not.toBe(bare);
  const bytes = Object.freeze([new Uint8Array(1)]);
  const empty = hash(bytes);
  bytes[0]?.fill(1);
  expect(hash(bytes)).not.toBe(empty);
  const held = Object.freeze({ file: { ...file({}) } });
  const first = hash(held);
  held.file.sha256 = 'c'.repeat(64);
  expect(hash(held)).not.toBe(first);
});

/** As datasources hand out artifacts. */
function file(more: object) {
  return {
    experiment: 'e',
    replicate: 0,
    condition: 'baseline',
    step: 's',
    name: 'n',
    size: 1,
    sha256: 'a'.repeat(64),
    bytes: async () => new Uint8Array(1),
    stream: async function* () {},
    ...more,
  };
}
