import { hash } from 'node:crypto';
import { isPlainObject } from '../context/freeze.ts';
import { isSecret, REDACTED } from '../context/secret.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import { isRequired } from '../pipeline/params.ts';

/** Changes whenever the form does, so that hashes of two forms are never compared. */
const FORM = 1;

/** @internal What to do with a value that has no canonical form. */
export type Opaque = 'refuse' | 'describe';

/**
 * @internal sha256 (hex) of a value's canonical form: the same in every process and on every machine,
 * whatever the order of keys, Map entries or Set members; -0, NaN, bigint and typed arrays are told
 * apart from their neighbours.
 */
export function canonicalHash(value: unknown, opaque: Opaque = 'refuse'): string {
  return hash('sha256', `${FORM}:${canonicalForm(value, opaque)}`);
}

/** @internal @throws UnsupportedValueError for functions, symbols, cycles and class instances, unless described. */
export function canonicalForm(value: unknown, opaque: Opaque = 'refuse'): string {
  return form(value, '$', opaque, []);
}

function form(value: unknown, path: string, opaque: Opaque, open: readonly unknown[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? 'n:-0' : `n:${value}`;
    case 'bigint':
      return `i:${value}`;
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'undefined';
    case 'object':
      return value === null ? 'null' : objectForm(value, path, opaque, open);
    default:
      return withoutForm(value, path, opaque, `a ${typeof value}`);
  }
}

function objectForm(value: object, path: string, opaque: Opaque, open: readonly unknown[]): string {
  if (open.includes(value)) return withoutForm(value, path, opaque, 'a cycle');
  const inside = [...open, value];
  const at = (item: unknown, key: string | number) => form(item, `${path}.${key}`, opaque, inside);
  if (isSecret(value)) return `secret:${REDACTED}`;
  if (isRequired(value)) return 'required';
  if (Array.isArray(value)) return `[${Array.from(value, (item, index) => at(item, index)).join(',')}]`;
  if (value instanceof Date) return `d:${value.getTime()}`;
  if (value instanceof RegExp) return `r:${value}`;
  if (value instanceof URL) return `u:${value.href}`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${at(key, 'key')}=>${at(item, String(key))}`);
    return `m{${entries.sort().join(',')}}`;
  }
  if (value instanceof Set)
    return `s{${[...value]
      .map((item) => at(item, 'member'))
      .sort()
      .join(',')}}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `t:${Object.prototype.toString.call(value)}:${hash('sha256', bytes)}`;
  }
  if (isArtifact(value)) return `artifact:${JSON.stringify(value.name)}`;
  if (!isPlainObject(value)) {
    return withoutForm(value, path, opaque, `an instance of ${value.constructor?.name ?? 'a class'}`);
  }
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${at(value[key], key)}`);
  return `{${entries.join(',')}}`;
}

function isArtifact(value: object): value is { readonly name: string } {
  return 'codec' in value && 'name' in value && typeof value.name === 'string' && 'writeStream' in value;
}

function withoutForm(value: unknown, path: string, opaque: Opaque, found: string): string {
  if (opaque === 'describe')
    return typeof value === 'function' ? `f:${JSON.stringify(String(value))}` : `o:${found}`;
  throw new UnsupportedValueError(
    path,
    `${found}, which has no form that is the same in every process`,
    'Use plain data (also Date, bigint, Map, Set, typed arrays or an Artifact), or give the experiment a name.',
  );
}
