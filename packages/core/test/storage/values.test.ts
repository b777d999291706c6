import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordUnreadableError, UnsupportedValueError } from '../../src/errors/storage-errors.ts';
import { valueDifference } from '../../src/storage/value-difference.ts';
import { decodeValue, encodeValue } from '../../src/storage/values.ts';

const throughText = (value: unknown): unknown => decodeValue(JSON.parse(JSON.stringify(encodeValue(value))));

const safeKey = fc
  .string({ unit: 'binary', maxLength: 6 })
  .filter((key) => !['__proto__', 'prototype', 'constructor'].includes(key));
const leaf = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    Number.NaN,
    -0,
    0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.MIN_VALUE,
    null,
    undefined,
    true,
    false,
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)) }),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.float64Array(),
  fc.float32Array(),
  fc.uint8Array(),
  fc.bigInt64Array(),
  fc.int16Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array().map((bytes) => new DataView(Uint8Array.from(bytes).buffer)),
  fc.uint8Array().map((bytes) => Uint8Array.from(bytes).buffer),
  fc.constantFrom(/a\/b\n[/]/gi, /(?:)/).map((regexp) => new RegExp(regexp)),
  fc.webUrl().map((url) => new URL(url)),
  fc.string().map((message) => new RangeError(message, { cause: message.length })),
);
const value = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(safeKey, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
    fc.array(tie('tree'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ),
})).tree;

describe('a value', () => {
  it('reads back exactly, whatever it is made of', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(valueDifference(original, throughText(original))).toBeUndefined();
      }),
      { numRuns: 1500 },
    );
  });

  it('of plain JSON stays as it is', () => {
    for (const plain of [0, 1.5, -1e300, 'text', '', true, false, null])
      expect(encodeValue(plain)).toBe(plain);
  });

  it('is not confused with another that looks like its stored form', () => {
    for (const lookalike of [
      { json: 1 },
      { json: 'NaN', meta: { values: ['number'], v: 1 } },
      ['binary'],
      'NaN',
      { unstorable: 'x' },
    ]) {
      expect(throughText(lookalike)).toEqual(lookalike);
    }
  });

  it('keeps the very bits of a NaN in a typed array', () => {
    const bits = new BigUint64Array([0x7ff8_dead_beef_0001n, 0xfff0_0000_0000_0001n]);
    const read = throughText(new Float64Array(bits.buffer)) as Float64Array;
    expect(new BigUint64Array(read.buffer)).toEqual(bits);
  });

  it('keeps a view apart from the rest of its buffer', () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect((throughText(view) as Uint8Array).buffer.byteLength).toBe(2);
    expect(throughText(Buffer.from('pooled'))).toEqual(Buffer.from('pooled'));
  });

  it('keeps shared objects shared, and cycles', () => {
    const shared = { x: [1n] };
    const cyclic: Record<string, unknown> = {
      shared,
      again: shared,
      list: [shared, new Map([['key', shared]])],
    };
    cyclic.self = cyclic;
    const read = throughText(cyclic) as typeof cyclic;
    expect(read.self).toBe(read);
    expect(read.again).toBe(read.shared);
    expect(valueDifference(cyclic, read)).toBeUndefined();
  });

  it('does not grow with the number of ways to a shared object', () => {
    let tree: unknown = ['leaf'];
    for (let level = 0; level < 40; level += 1) tree = [tree, tree];
    expect(JSON.stringify(encodeValue(tree)).length).toBeLessThan(20_000);
    expect(valueDifference(tree, throughText(tree))).toBeUndefined();
  });

  it('may be an object without a prototype, and comes back as a plain one', () => {
    expect(throughText(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
  });

  it('may be nested deeply', () => {
    let nested: unknown = 'bottom';
    for (let level = 0; level < 490; level += 1) nested = level % 2 ? [nested] : { nested };
    expect(valueDifference(nested, throughText(nested))).toBeUndefined();
  });
});

class Model {
  weight = 1;
}
class ModelError extends Error {}
const deep = (depth: number): unknown => (depth === 0 ? 0 : [deep(depth - 1)]);
const inSet = { k: 1 };

const unsupported: readonly (readonly [title: string, value: unknown, path: string])[] = [
  ['a function', () => 1, '$'],
  ['a method', { a: { run() {} } }, '$.a.run'],
  ['a symbol', { list: [1, Symbol('x')] }, '$.list[1]'],
  ['a registered symbol', Symbol.for('x'), '$'],
  ['a symbol as a key', { a: { [Symbol('x')]: 1 } }, '$.a[Symbol(x)]'],
  ['an instance of a class', { models: [new Model()] }, '$.models[0]'],
  ['an instance in a Map', new Map([['m', new Model()]]), '$.value(0)'],
  ['an instance as a key of a Map', new Map([[new Model(), 1]]), '$.key(0)'],
  ['an instance in a Set', new Set([1, new Model()]), '$.item(1)'],
  ['an error of a class of its own', { error: new ModelError('x') }, '$.error'],
  ['a subclass of Map', new (class Registry extends Map {})(), '$'],
  ['a subclass of Array', new (class List extends Array {})(), '$'],
  ['a promise', { p: Promise.resolve() }, '$.p'],
  ['a WeakMap', new WeakMap(), '$'],
  ['a boxed number', { n: Object(1) }, '$.n'],
  ['an own __proto__ key', JSON.parse('{"a": {"__proto__": 1}}'), '$.a.__proto__'],
  ['a key named constructor', { constructor: 1 }, '$.constructor'],
  ['a hole in an array', { list: Object.assign(new Array(3), { 0: 1, 2: 3 }) }, '$.list[1]'],
  ['a field on an array', { list: Object.assign([1], { extra: 1 }) }, '$.list.extra'],
  ['a field on a Map', Object.assign(new Map(), { extra: 1 }), '$.extra'],
  ['a field on a Date', Object.assign(new Date(0), { extra: 1 }), '$.extra'],
  ['a field on a typed array', Object.assign(new Uint8Array(2), { extra: 1 }), '$.extra'],
  ['an accessor', { a: Object.defineProperty({}, 'now', { get: () => 1, enumerable: true }) }, '$.a.now'],
  ['a hidden field', Object.defineProperty({}, 'hidden', { value: 1 }), '$.hidden'],
  ['a RegExp in the middle of a search', { r: Object.assign(/a/g, { lastIndex: 2 }) }, '$.r'],
  ['a typed array on shared memory', [new Uint8Array(new SharedArrayBuffer(2))], '$[0]'],
  ['nesting that is too deep', deep(600), '$[0][0]'],
  ['an object both in a Set and elsewhere', { inSet, set: new Set([inSet, 2]) }, '$.set'],
  ['a key that needs quotes', { 'a b': [() => 1] }, '$["a b"][0]'],
];

describe('a value that would not read back the same', () => {
  it.each(unsupported)('is refused with its path: %s', (_title, wrong, path) => {
    let error: unknown;
    try {
      encodeValue(wrong);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UnsupportedValueError);
    expect((error as UnsupportedValueError).path.startsWith(path)).toBe(true);
    expect((error as UnsupportedValueError).message).toContain(path);
  });

  it('is refused wherever it stands in a value', () => {
    fc.assert(
      fc.property(fc.array(safeKey, { minLength: 1, maxLength: 5 }), value, (keys, beside) => {
        let wrong: unknown = () => 1;
        for (const key of keys) wrong = { beside, [key]: wrong };
        let error: unknown;
        try {
          encodeValue(wrong);
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(UnsupportedValueError);
        expect(String((error as Error).message)).toContain('a function');
      }),
    );
  });
});

describe('stored data', () => {
  const hostile: readonly (readonly [title: string, json: string])[] = [
    ['an unknown class', '{"json":{},"meta":{"values":[["class","Model"]],"v":1}}'],
    ['an unknown custom value', '{"json":[],"meta":{"values":[["custom","evil"]],"v":1}}'],
    ['an unknown binary type', '{"json":["Function","YQ=="],"meta":{"values":[["custom","binary"]],"v":1}}'],
    ['an error of an unknown class', '{"json":["Function",[]],"meta":{"values":[["custom","error"]],"v":1}}'],
    [
      'a field of an error that reaches its prototype',
      '{"json":["Error",[["__proto__",true,1]]],"meta":{"values":[["custom","error"]],"v":1}}',
    ],
    ['an unknown transformation', '{"json":1,"meta":{"values":["spawn"],"v":1}}'],
    [
      'a path to a prototype',
      '{"json":{"a":1},"meta":{"values":{"__proto__.polluted":["undefined"]},"v":1}}',
    ],
    [
      'a shared path to a prototype',
      '{"json":{"a":{}},"meta":{"referentialEqualities":{"a":["constructor.prototype"]},"v":1}}',
    ],
    ['a __proto__ key', '{"json":{"a":[{"__proto__":{"polluted":1}}]}}'],
    ['no json', '{"meta":{}}'],
    ['a list', '[1]'],
    ['a tree without end', `{"json":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ];

  it.each(hostile)('can not do more than be refused: %s', (_title, text) => {
    expect(() => decodeValue(JSON.parse(text))).toThrow(RecordUnreadableError);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

it('superjson is loaded when a value first needs it, not before', () => {
  const code = `
    import { registerHooks } from 'node:module';
    let loaded = 0;
    registerHooks({ resolve: (name, context, next) => { if (name === 'superjson') loaded++; return next(name, context); } });
    const { encodeValue } = await import(process.argv[1]);
    encodeValue(0.5);
    if (loaded > 0) process.exit(2);
    encodeValue(new Map());
    process.exit(loaded === 1 ? 0 : 3);
  `;
  const url = new URL('../../src/storage.ts', import.meta.url).href;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code, url], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
