import { count } from './count.ts';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const STEP = 1024;

/** A number of bytes for people: `1 byte`, `980 bytes`, `1.5 KiB`, `34 MiB`. */
export function byteSize(bytes: number): string {
  if (bytes < STEP) return count(bytes, 'byte');
  let size = bytes / STEP;
  let unit = 0;
  // What would be rounded up to 1024 of a unit is one of the next.
  while (size >= STEP - 0.5 && unit < UNITS.length - 1) {
    size /= STEP;
    unit++;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}

/** {@link byteSize}, with the exact number where that says less. */
export function exactByteSize(bytes: number): string {
  return bytes < STEP ? byteSize(bytes) : `${byteSize(bytes)} (${count(bytes, 'byte')})`;
}
