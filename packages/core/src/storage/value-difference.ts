import { fieldPath } from './value-guard.ts';

/**
 * The path of the first place where two values differ, `undefined` when there is none. Numbers are
 * compared by `Object.is`, typed arrays byte for byte, Maps and Sets with their order; what is shared
 * in one must be shared in the other. An object without a prototype counts as a plain one.
 */
export function valueDifference(left: unknown, right: unknown): string | undefined {
  return new Comparison().difference(left, right, '$');
}

class Comparison {
  readonly #rightOf = new Map<object, object>();
  readonly #leftOf = new Map<object, object>();

  difference(left: unknown, right: unknown, path: string): string | undefined {
    if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) {
      return Object.is(left, right) ? undefined : path;
    }
    if (this.#rightOf.has(left) || this.#leftOf.has(right)) {
      return this.#rightOf.get(left) === right && this.#leftOf.get(right) === left ? undefined : path;
    }
    this.#rightOf.set(left, right);
    this.#leftOf.set(right, left);
    const type = prototypeOf(left);
    if (type !== prototypeOf(right)) return path;
    if (left instanceof Date && right instanceof Date)
      return Object.is(left.getTime(), right.getTime()) ? undefined : path;
    if (left instanceof RegExp || left instanceof URL)
      return String(left) === String(right) ? undefined : path;
    if (isBinary(left) && isBinary(right))
      return Buffer.compare(bytesOf(left), bytesOf(right)) === 0 ? undefined : path;
    if (left instanceof Map && right instanceof Map)
      return this.#items([...left].flat(1), [...right].flat(1), path);
    if (left instanceof Set && right instanceof Set) return this.#items([...left], [...right], path);
    if (Array.isArray(left) && Array.isArray(right)) return this.#items(left, right, path);
    return this.#fields(left, right, path);
  }

  #items(left: readonly unknown[], right: readonly unknown[], path: string): string | undefined {
    if (left.length !== right.length) return path;
    for (let index = 0; index < left.length; index += 1) {
      const found = this.difference(left[index], right[index], `${path}[${index}]`);
      if (found) return found;
    }
    return undefined;
  }

  #fields(left: object, right: object, path: string): string | undefined {
    const keys = Object.getOwnPropertyNames(left);
    if (
      left instanceof Error
        ? keys.length !== Object.getOwnPropertyNames(right).length
        : !sameKeys(left, right)
    )
      return path;
    for (const key of keys) {
      const found = this.difference(Reflect.get(left, key), Reflect.get(right, key), fieldPath(path, key));
      if (found) return found;
    }
    return undefined;
  }
}

function prototypeOf(value: object): unknown {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function sameKeys(left: object, right: object): boolean {
  const keys = Object.keys(left);
  const others = Object.keys(right);
  return keys.length === others.length && keys.every((key, index) => key === others[index]);
}

function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
