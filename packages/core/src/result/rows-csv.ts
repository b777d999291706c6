import type { ResultRow } from './result.ts';

/**
 * @internal Rows as CSV (RFC 4180). Text that a spreadsheet would run as a formula gets a leading
 * `'`; numbers are left alone; what is neither text nor number stands as JSON.
 */
export function rowsToCsv(rows: Iterable<ResultRow>): string {
  const lines = ['condition,replicate,metric,value'];
  for (const { condition, replicate, metric, value } of rows) {
    lines.push(`${text(condition)},${replicate},${text(metric)},${cell(value)}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return text(value);
  if (value instanceof Date)
    return text(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString());
  return text(asJson(value));
}

function text(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @internal JSON of any value, for showing: what JSON has no form for is described. */
export function asJson(value: unknown): string {
  const open = new Set<unknown>();
  const show = (item: unknown): unknown => {
    if (typeof item === 'bigint' || typeof item === 'symbol' || typeof item === 'function')
      return String(item);
    if (typeof item === 'number' && !Number.isFinite(item)) return null;
    if (typeof item !== 'object' || item === null) return item;
    if (open.has(item)) return '[circular]';
    if (item instanceof Date) return Number.isNaN(item.getTime()) ? null : item.toISOString();
    open.add(item);
    const shown = shownObject(item, show);
    open.delete(item);
    return shown;
  };
  return JSON.stringify(show(value)) ?? 'null';
}

function shownObject(item: object, show: (item: unknown) => unknown): unknown {
  if (item instanceof Error) return { name: item.name, message: item.message };
  if (item instanceof Map) return [...item].map(([key, value]) => [show(key), show(value)]);
  if (item instanceof Set) return [...item].map(show);
  if (ArrayBuffer.isView(item))
    return item instanceof DataView ? '[DataView]' : Array.from(item as Uint8Array, show);
  if (Array.isArray(item)) return item.map(show);
  if ('toJSON' in item && typeof item.toJSON === 'function') return show(item.toJSON());
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, show(value)]));
}
