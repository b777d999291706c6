import { isPlainObject } from '../context/freeze.ts';
import { decodeValue, type EncodedValue, encodeValue } from '../storage/values.ts';

/** Bits of a {@link Mark}. */
const FROZEN = 1;
const WITHOUT_PROTOTYPE = 2;

/** Which object in the value, in the order of a walk through it, and what is special about it. */
type Mark = readonly [index: number, bits: number];

/** @internal A value as JSON, with what steps can notice and JSON does not hold. */
export interface ExactValue {
  readonly value: EncodedValue;
  /** Which objects are frozen or have no prototype; absent when there are none. */
  readonly marks?: readonly Mark[];
}

/** @internal @throws UnsupportedValueError for what would not read back the same. */
export function encodeExact(value: unknown): ExactValue {
  const encoded = encodeValue(value);
  const marks: Mark[] = [];
  let index = 0;
  for (const object of objectsIn(value)) {
    const bits =
      (isMarkable(object) && Object.isFrozen(object) ? FROZEN : 0) |
      (Object.getPrototypeOf(object) === null ? WITHOUT_PROTOTYPE : 0);
    if (bits !== 0) marks.push([index, bits]);
    index++;
  }
  return marks.length > 0 ? { value: encoded, marks } : { value: encoded };
}

/** @internal The value again, made anew. @throws RecordUnreadableError when it is not of that form. */
export function decodeExact({ value, marks }: ExactValue): unknown {
  const decoded = decodeValue(value);
  if (!marks) return decoded;
  const objects = [...objectsIn(decoded)];
  for (const [index, bits] of marks) {
    const object = objects[index];
    if (!object) continue;
    if (bits & WITHOUT_PROTOTYPE) Object.setPrototypeOf(object, null);
    if (bits & FROZEN) Object.freeze(object);
  }
  return decoded;
}

/** An empty typed array counts as frozen, or can't be frozen at all. */
function isMarkable(object: object): boolean {
  return Array.isArray(object) || isPlainObject(object);
}

/** Every object in a value once, itself first. */
function objectsIn(value: unknown): Set<object> {
  const found = new Set<object>();
  const visit = (item: unknown): void => {
    if (typeof item !== 'object' || item === null || found.has(item)) return;
    found.add(item);
    if (Array.isArray(item) || item instanceof Set) for (const part of item) visit(part);
    else if (item instanceof Map) {
      for (const [key, part] of item) {
        visit(key);
        visit(part);
      }
    } else if (isPlainObject(item)) for (const part of Object.values(item)) visit(part);
  };
  visit(value);
  return found;
}
