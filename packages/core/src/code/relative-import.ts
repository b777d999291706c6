import { fileURLToPath, pathToFileURL } from 'node:url';
import { isSource } from './source-file.ts';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];
/** Endings that stand for those of the file that a compiler makes of another. */
const COMPILED: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/**
 * @internal The file that a relative import reaches, in the ways that Node and the usual loaders know;
 * `undefined` where there is none. Links are not resolved.
 */
export function relativeImport(from: string, specifier: string): string | undefined {
  const path = pathAt(from, specifier);
  if (path === undefined) return undefined;
  const ending = /\.[cm]?jsx?$/.exec(path)?.[0] ?? '';
  const written = COMPILED[ending]?.map((extension) => path.slice(0, -ending.length) + extension) ?? [];
  const added = EXTENSIONS.map((extension) => path + extension);
  const indexes = EXTENSIONS.map((extension) => `${path.replace(/[/\\]$/, '')}/index${extension}`);
  return [path, ...written, ...added, ...indexes].find(isSource);
}

/** @internal The path that a relative or absolute specifier stands for; `undefined` where it is no path. */
export function pathAt(from: string, specifier: string): string | undefined {
  try {
    return fileURLToPath(new URL(specifier, pathToFileURL(from)));
  } catch {
    // Nothing could be loaded from there: an escaped slash, or another machine.
    return undefined;
  }
}
