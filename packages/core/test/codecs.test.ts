import {
  Artifact,
  bytesCodec,
  type Codec,
  CorruptArtifactError,
  jsonCodec,
  superjsonCodec,
  textCodec,
  UnsupportedValueError,
} from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { experimentOf } from './support/experiments.ts';

/** Writes a value in a step and loads it from the result. */
async function throughRun<T>(
  codec: Codec<T>,
  value: T,
): Promise<{ readonly loaded: T; readonly text: string }> {
  const artifact = new Artifact('value', codec);
  const result = await experimentOf(() => artifact.write(value)).run();
  const [error] = result.errors;
  if (error) throw error.cause;
  const file = result.artifact(artifact);
  return { loaded: (await file?.load()) as T, text: (await file?.text()) ?? '' };
}

test('bytes and texts come back as bytes by default', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (bytes) => {
      expect((await throughRun(bytesCodec(), bytes)).loaded).toEqual(bytes);
    }),
    { numRuns: 20 },
  );
  expect((await throughRun(bytesCodec(), 'é')).loaded).toEqual(new Uint8Array([0xc3, 0xa9]));
});

test('texts come back as texts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      fc.pre(!text.startsWith('\uFEFF'));
      expect((await throughRun(textCodec(), text)).loaded).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('whatever JSON can hold comes back through jsonCodec', async () => {
  const isMinusZero = (value: unknown): boolean =>
    Object.is(value, -0) ||
    (typeof value === 'object' && value !== null && Object.values(value).some(isMinusZero));
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      fc.pre(!isMinusZero(value));
      expect((await throughRun(jsonCodec(), value as unknown)).loaded).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test('jsonCodec indents, so that people can read and compare', async () => {
  expect((await throughRun(jsonCodec(), { a: [1] })).text).toBe('{\n  "a": [\n    1\n  ]\n}\n');
});

test.each<[string, unknown]>([
  ['NaN', Number.NaN],
  ['Infinity deep inside', { a: [Number.POSITIVE_INFINITY] }],
  ['a bigint', { a: 1n }],
  ['a Map', new Map()],
  ['a Set', { a: new Set() }],
  ['a typed array', new Float64Array(1)],
  ['a Buffer', { a: Buffer.from('x') }],
  ['a function', { a: () => 1 }],
  ['undefined', undefined],
  ['undefined in a list', [undefined]],
])('jsonCodec refuses %s, which JSON would change silently', async (_what, value) => {
  const error = await throughRun(jsonCodec(), value).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnsupportedValueError);
  expect((error as Error).message).toContain('superjsonCodec');
});

test('jsonCodec leaves out keys that are undefined, as JSON does', async () => {
  expect((await throughRun(jsonCodec(), { a: 1, b: undefined } as unknown)).loaded).toEqual({ a: 1 });
});

test('superjsonCodec keeps dates, maps, sets, bigints, NaN, undefined and typed arrays', async () => {
  const value = {
    date: new Date(5),
    map: new Map([[1, new Set(['a'])]]),
    big: 2n ** 80n,
    nan: Number.NaN,
    undef: undefined,
    floats: new Float32Array([0.5]),
  };
  expect((await throughRun(superjsonCodec<typeof value>(), value)).loaded).toEqual(value);
});

/** A Standard Schema for `{ n: number }`, as any validation library would make it. */
const schema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) =>
      typeof (value as { n?: unknown }).n === 'number'
        ? { value: value as { readonly n: number } }
        : { issues: [{ message: 'expected a number', path: ['n'] }] },
  },
} as const;

test('a schema checks what jsonCodec loads, and names the file and the place that does not fit', async () => {
  expect((await throughRun(jsonCodec(schema), { n: 1 })).loaded).toEqual({ n: 1 });
  const error = await throughRun(jsonCodec(schema), { n: 'x' } as never).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CorruptArtifactError);
  expect((error as Error).message).toMatch(/'value'[\s\S]*\$\.n: expected a number/);
});

test('a codec may be asynchronous on both sides', async () => {
  const codec: Codec<number> = {
    writer: async (value) => String(value),
    loader: async (file) => Number(await file.text()),
  };
  expect((await throughRun(codec, 7)).loaded).toBe(7);
});
