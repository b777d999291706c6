const maxDepth = 100;

/**
 * A value as plain JSON for other programs, as close as possible: NaN and ±Infinity become null, a
 * Date its ISO text, a bigint its digits as a string, a Map an array of pairs, a Set and a typed array
 * an array, an error its name and message, a URL and a RegExp their text. What has no such form is
 * null: functions, symbols, undefined, instances of classes, and what contains itself.
 */
export function toPlainJson(value: unknown): unknown {
  return convert(value, []);
}

function convert(value: unknown, parents: readonly object[]): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || parents.includes(value) || parents.length > maxDepth)
    return null;
  const within = [...parents, value];
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof Map)
    return [...value].map(([key, item]) => [convert(key, within), convert(item, within)]);
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (value instanceof DataView) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value)) {
    return Array.from(value as Iterable<unknown>, (item) => convert(item, within));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item, within)]));
}
