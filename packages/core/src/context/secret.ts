import { inspect } from 'node:util';
import { isPlainObject } from './freeze.ts';

const brand: unique symbol = Symbol.for('@crystallize/secret') as never;

/** A value that steps get as it is, and that is redacted wherever it would be stored or shown. */
export interface Secret<out T> {
  readonly [brand]: () => T;
}

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/**
 * Wraps a value, such as an API key, so that it never reaches disk, events, results or messages.
 * Use it as a param, in a treatment or in `initialContext`; steps see the value itself.
 *
 * @example
 * ask({ apiKey: secret(process.env.API_KEY ?? '') })
 */
export function secret<T>(value: T): Secret<T> {
  const shown = () => REDACTED;
  return Object.freeze(
    // Of a prototype of its own, so that it is never taken for plain data and copied without its value.
    Object.defineProperties(Object.create({}) as Secret<T>, {
      [brand]: { value: () => value },
      toString: { value: shown },
      toJSON: { value: shown },
      [inspect.custom]: { value: shown },
    }),
  );
}

/** @internal */
export function isSecret(value: unknown): value is Secret<unknown> {
  return typeof value === 'object' && value !== null && brand in value;
}

/** @internal The value, with each secret in plain objects and arrays in it replaced by what it holds. */
export function reveal(value: unknown): unknown {
  if (isSecret(value)) return value[brand]();
  return holdsSecret(value, new Set()) ? revealed(value, new Map()) : value;
}

function holdsSecret(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  if (isSecret(value)) return true;
  seen.add(value);
  if (Array.isArray(value)) return value.some((item) => holdsSecret(item, seen));
  return isPlainObject(value) && Object.values(value).some((item) => holdsSecret(item, seen));
}

function revealed(value: unknown, made: Map<unknown, unknown>): unknown {
  if (isSecret(value)) return value[brand]();
  if (made.has(value)) return made.get(value);
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    made.set(value, copy);
    for (const item of value) copy.push(revealed(item, made));
    return Object.freeze(copy);
  }
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  made.set(value, copy);
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: revealed(item, made), enumerable: true });
  }
  return Object.freeze(copy);
}
