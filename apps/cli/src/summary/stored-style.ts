import { isAbsolute, relative } from 'node:path';
import type { Paint } from '../text/paint.ts';
import { plainLine } from '../text/plain-text.ts';

/** How what is stored is shown. */
export interface StoredStyle {
  readonly width: number;
  readonly paint: Paint;
  /** The current folder: what lies below is shown by its path from there. */
  readonly cwd: string;
}

/** A path as it is shortest to read from the current folder; keys of stores stay as they are. */
export function shortPath(path: string, { cwd }: StoredStyle): string {
  if (!isAbsolute(path)) return plainLine(path);
  const short = relative(cwd, path);
  return plainLine(short === '' || short.startsWith('..') || isAbsolute(short) ? path : short);
}
