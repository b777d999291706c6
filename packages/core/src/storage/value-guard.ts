import { UnsupportedValueError } from '../errors/storage-errors.ts';

/** What the check of a value found out on its way. */
export interface ValueShape {
  /** Whether some object is reached twice, or contains itself. */
  readonly shared: boolean;
}

/** How deep a value may be nested. */
export const maxValueDepth = 500;

/** Any class. */
export type Class = abstract new (...args: never[]) => unknown;

const typedArrays: readonly Class[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ArrayBuffer,
  Buffer,
];
const errorTypes: readonly Class[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];
/** Classes of views and buffers that are stored byte for byte, by name. */
export const binaryTypes: ReadonlyMap<string, Class> = new Map(typedArrays.map((type) => [type.name, type]));
/** Built-in classes of errors, by name. */
export const errorClasses: ReadonlyMap<string, Class> = new Map(errorTypes.map((type) => [type.name, type]));

/** Keys that would reach into an object's prototype somewhere on the way. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/**
 * Refuses whatever would be lost, or changed, when the value is stored.
 * @throws UnsupportedValueError that names the path.
 */
export function guardValue(root: unknown): ValueShape {
  const seen = new Set<object>();
  let shared = false;

  const visit = (value: unknown, path: string, depth: number): void => {
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'function')
        refuse(path, `a function${value.name ? ` (${value.name})` : ''}`, plainAdvice);
      if (typeof value === 'symbol') refuse(path, 'a symbol', plainAdvice);
      return;
    }
    if (seen.has(value)) {
      shared = true;
      return;
    }
    seen.add(value);
    if (depth > maxValueDepth) {
      refuse(
        `${path.slice(0, 60)}…`,
        `nesting deeper than ${maxValueDepth}`,
        'Make the value flatter, or write it as an artifact.',
      );
    }
    visitParts(value, path, depth);
  };

  const visitParts = (value: object, path: string, depth: number): void => {
    const type = typeOf(value);
    if (type === Object || type === null) {
      visitFields(value, path, depth);
    } else if (type === Array) {
      visitItems(value as readonly unknown[], path, depth);
    } else if (type === Map) {
      let index = 0;
      for (const [key, item] of value as Map<unknown, unknown>) {
        visit(key, `${path}.key(${index})`, depth + 1);
        visit(item, `${path}.value(${index})`, depth + 1);
        index += 1;
      }
      refuseFields(value, path);
    } else if (type === Set) {
      let index = 0;
      for (const item of value as Set<unknown>) visit(item, `${path}.item(${index++})`, depth + 1);
      refuseFields(value, path);
    } else if (type !== undefined && errorTypes.includes(type)) {
      visitError(value as Error, path, depth);
    } else if (type !== undefined && typedArrays.includes(type)) {
      if (type !== ArrayBuffer && (value as ArrayBufferView).buffer instanceof SharedArrayBuffer) {
        refuse(path, `a ${type.name} on shared memory`, 'Copy it with slice() first.');
      }
      if (type === ArrayBuffer || type === DataView) refuseFields(value, path);
      else refuseFields(value, path, (value as Uint8Array).length);
    } else if (type === RegExp && (value as RegExp).lastIndex !== 0) {
      refuse(path, 'a RegExp in the middle of a search (lastIndex is not 0)', 'Set lastIndex to 0.');
    } else if (type === Date || type === RegExp || type === URL) {
      refuseFields(value, path, 0, type === RegExp ? ['lastIndex'] : []);
    } else {
      refuse(
        path,
        `an instance of ${nameOfClass(value)}`,
        'Turn it into plain data first, or write it as an artifact.',
      );
    }
  };

  const visitFields = (value: object, path: string, depth: number): void => {
    for (const key of Reflect.ownKeys(value))
      visit(fieldOf(value, key, path), fieldPath(path, key), depth + 1);
  };

  const visitItems = (items: readonly unknown[], path: string, depth: number): void => {
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      // Only undefined can stand for a hole.
      if (item === undefined && !Object.hasOwn(items, index)) {
        refuse(`${path}[${index}]`, 'a hole in an array', 'Fill it, for example with undefined or null.');
      }
      if (typeof item !== 'number' && typeof item !== 'string') visit(item, `${path}[${index}]`, depth + 1);
    }
    refuseFields(items, path, items.length, ['length']);
  };

  const visitError = (error: Error, path: string, depth: number): void => {
    if (Object.hasOwn(error, 'name')) {
      refuse(`${path}.name`, 'an error with a name of its own', 'Store its name and message as plain data.');
    }
    for (const key of Reflect.ownKeys(error)) {
      // An accessor in some engines, a plain field in others.
      if (key !== 'stack')
        visit(
          fieldOf(error, key, path, key !== 'message' && key !== 'cause'),
          fieldPath(path, key),
          depth + 1,
        );
    }
  };

  visit(root, '$', 0);
  return { shared };
}

/** The path of a field: `$.a`, or `$["a b"]`. */
export function fieldPath(path: string, key: string | symbol): string {
  if (typeof key === 'symbol') return `${path}[${String(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

const plainAdvice = 'Store plain data instead.';

function refuse(path: string, found: string, advice: string): never {
  throw new UnsupportedValueError(path, found, advice);
}

/** The class that made the object and nothing else; `null` without one, `undefined` for no known class. */
function typeOf(value: object): Class | null | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return null;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'constructor');
  const type: unknown = descriptor?.value;
  return typeof type === 'function' && type.prototype === prototype ? (type as Class) : undefined;
}

function nameOfClass(value: object): string {
  return typeOf(value)?.name || 'an unknown class';
}

function fieldOf(object: object, key: string | symbol, path: string, enumerable = true): unknown {
  if (typeof key === 'symbol') refuse(fieldPath(path, key), 'a symbol as a key', 'Use a string.');
  if (forbiddenKeys.has(key)) refuse(fieldPath(path, key), `the key '${key}'`, 'Use another key.');
  const descriptor = Object.getOwnPropertyDescriptor(object, key);
  if (descriptor && !('value' in descriptor))
    refuse(fieldPath(path, key), 'an accessor', 'Store its value as a plain field.');
  if (enumerable && descriptor?.enumerable === false) {
    refuse(fieldPath(path, key), 'a field that is not enumerable', 'Store it as a plain field.');
  }
  return descriptor?.value;
}

/** Refuses fields that were put onto an array, a Map, … `indices` counts the regular ones. */
function refuseFields(value: object, path: string, indices = 0, known: readonly string[] = []): void {
  const keys = Reflect.ownKeys(value);
  if (keys.length === indices + known.length) return;
  const extra = keys.slice(indices).find((key) => typeof key === 'symbol' || !known.includes(key));
  if (extra !== undefined) {
    refuse(
      fieldPath(path, extra),
      `a field on ${nameOfClass(value)} beside its items`,
      'Store it in a plain object.',
    );
  }
}
