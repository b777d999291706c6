import { createRequire } from 'node:module';
import type { SuperJSON, SuperJSONResult } from 'superjson';
import { RecordUnreadableError, UnsupportedValueError } from '../errors/storage-errors.ts';
import { valueDifference } from './value-difference.ts';
import { binaryTypes, errorClasses, forbiddenKeys, guardValue } from './value-guard.ts';

/** A value as JSON: itself when JSON holds it exactly, else what superjson makes of it. */
export type EncodedValue = null | boolean | number | string | WrappedValue;

/** A value that JSON alone does not hold. */
export interface WrappedValue {
  readonly json: unknown;
  /** superjson's notes on how to read `json`; absent when there are none. */
  readonly meta?: unknown;
}

/**
 * A value as data that `JSON.stringify` keeps exactly. Numbers, strings, booleans and null stay as
 * they are; plain objects, arrays, Date, RegExp, URL, built-in errors, bigint, Map, Set, typed arrays,
 * Buffer, ArrayBuffer, DataView, undefined, NaN, ±Infinity and -0, shared references and cycles are
 * wrapped. An object without a prototype is read back as a plain one.
 *
 * @throws UnsupportedValueError that names the path, for whatever would not read back the same:
 * functions, symbols, instances of other classes, accessors, the keys `__proto__`, `prototype` and
 * `constructor`, holes in arrays, nesting deeper than 500, and some objects that are both in a Set
 * (or a key of a Map) and elsewhere.
 *
 * @example
 * encodeValue(0.5); // 0.5
 * encodeValue(NaN); // { json: 'NaN', meta: { values: ['number'], v: 1 } }
 */
export function encodeValue(value: unknown): EncodedValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value;
  const { shared } = guardValue(value);
  const { json, meta } = superjson(shared).serialize(value);
  // Equal bigints and NaNs count as shared for superjson, which then moves or drops them in Sets and Maps.
  if (meta && !shared) delete meta.referentialEqualities;
  const wrapped: WrappedValue =
    meta && (meta.values || meta.referentialEqualities) ? { json, meta } : { json };
  assertExact(value, wrapped);
  return wrapped;
}

/**
 * The value that {@link encodeValue} was given. What is stored never selects code: only the types
 * above are ever made.
 * @throws RecordUnreadableError when it is not of that form.
 */
export function decodeValue(encoded: unknown): unknown {
  if (typeof encoded !== 'object' || encoded === null) return encoded;
  if (Array.isArray(encoded) || !('json' in encoded)) {
    throw new RecordUnreadableError(
      `A stored value has the keys ${Object.keys(encoded).slice(0, 5).join(', ')} where 'json' is expected. ${advice}`,
    );
  }
  try {
    refuseForbiddenKeys(encoded.json);
    return superjson(false).deserialize(encoded as Parameters<SuperJSON['deserialize']>[0]);
  } catch (cause) {
    if (cause instanceof RecordUnreadableError) throw cause;
    throw new RecordUnreadableError(`A stored value can't be read: ${(cause as Error).message}. ${advice}`, {
      cause,
    });
  }
}

const advice = 'It was damaged, or not written by Crystallize.';

/** Loaded when a value first needs it: most need nothing, and its files take as long as half of core's. */
const load = createRequire(import.meta.url);
const instances = new Map<boolean, SuperJSON>();

/** @param dedupe - Writes each shared object once; all else would grow with every path to it. */
function superjson(dedupe: boolean): SuperJSON {
  let one = instances.get(dedupe);
  if (!one) {
    one = makeSuperjson(dedupe);
    instances.set(dedupe, one);
  }
  return one;
}

function makeSuperjson(dedupe: boolean): SuperJSON {
  const { SuperJSON: Class } = load('superjson') as typeof import('superjson');
  const made = new Class({ dedupe });
  made.registerCustom<ArrayBuffer | ArrayBufferView, string[]>(
    {
      isApplicable: (value): value is ArrayBuffer | ArrayBufferView =>
        ArrayBuffer.isView(value) || value instanceof ArrayBuffer,
      serialize: (value) => [value.constructor.name, bufferOf(value).toString('base64')],
      deserialize: ([type = '', base64 = '']) => readBinary(type, base64),
    },
    'binary',
  );
  made.registerCustom<Date, string>(
    {
      isApplicable: (value): value is Date => value instanceof Date && Number.isNaN(value.getTime()),
      serialize: () => 'invalid',
      deserialize: () => new Date(Number.NaN),
    },
    'invalid-date',
  );
  made.registerCustom<Error, StoredError>(
    {
      isApplicable: (value): value is Error => value instanceof Error,
      serialize: storeError,
      deserialize: readError,
    },
    'error',
  );
  return made;
}

/** Its class, then its fields in order; what the fields hold, superjson encodes in turn. */
type StoredError = Extract<SuperJSONResult['json'], readonly unknown[]>;

function storeError(error: Error): StoredError {
  const fields = Object.getOwnPropertyNames(error).map((key) => [
    key,
    Object.getOwnPropertyDescriptor(error, key)?.enumerable === true,
    Reflect.get(error, key),
  ]);
  return [error.constructor.name, fields];
}

function readError([type, fields]: StoredError): Error {
  const known = errorClasses.get(String(type)) as ErrorConstructor | undefined;
  if (!known || !Array.isArray(fields))
    throw new RecordUnreadableError(`A stored error has an unknown class. ${advice}`);
  const error = new known();
  for (const key of Object.getOwnPropertyNames(error)) delete error[key as keyof Error];
  for (const [key, enumerable, value] of fields as unknown as readonly [string, boolean, unknown][]) {
    if (forbiddenKeys.has(key))
      throw new RecordUnreadableError(`A stored error has the field '${key}'. ${advice}`);
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  }
  return error;
}

function bufferOf(value: ArrayBuffer | ArrayBufferView): Buffer {
  return value instanceof ArrayBuffer
    ? Buffer.from(value)
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function readBinary(type: string, base64: string): ArrayBuffer | ArrayBufferView {
  const known = binaryTypes.get(type) as (new (buffer: ArrayBuffer) => ArrayBufferView) | undefined;
  if (!known) throw new RecordUnreadableError(`A stored value has an unknown binary type. ${advice}`);
  const pooled = Buffer.from(base64, 'base64');
  // A copy of its own: a Buffer may begin anywhere in a pool, where other types need an aligned start.
  const bytes = new Uint8Array(pooled).buffer;
  if (type === 'ArrayBuffer') return bytes;
  return type === 'Buffer' ? Buffer.from(bytes) : new known(bytes);
}

function refuseForbiddenKeys(json: unknown): void {
  if (typeof json !== 'object' || json === null) return;
  if (Array.isArray(json)) {
    for (const item of json) refuseForbiddenKeys(item);
    return;
  }
  for (const key of Object.keys(json)) {
    if (forbiddenKeys.has(key))
      throw new RecordUnreadableError(`A stored value has the key '${key}'. ${advice}`);
    refuseForbiddenKeys(Reflect.get(json, key));
  }
}

function assertExact(value: unknown, wrapped: WrappedValue): void {
  const path = valueDifference(value, decodeValue(JSON.parse(JSON.stringify(wrapped))));
  if (path === undefined) return;
  throw new UnsupportedValueError(
    path,
    'a value that would not read back the same',
    'Objects that are in a Set, or a key of a Map, and elsewhere too need copies of their own.',
  );
}
