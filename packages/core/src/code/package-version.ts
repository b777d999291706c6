import { dirname, join } from 'node:path';
import { readSource } from './source-file.ts';

/**
 * @internal The version of a package as a file that imports it finds it, in the nearest `node_modules`;
 * `undefined` where it is not found or has none.
 */
export function packageVersion(from: string, name: string): string | undefined {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const manifest = manifestIn(join(folder, 'node_modules', name));
    if (manifest) return textIn(manifest, 'version');
    if (folder === dirname(folder)) return undefined;
  }
}

/** @internal Name of the package that a file belongs to. */
export function packageAround(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const name = textIn(manifestIn(folder), 'name');
    if (name !== undefined || folder === dirname(folder)) return name;
  }
}

function manifestIn(folder: string): unknown {
  try {
    const bytes = readSource(join(folder, 'package.json'));
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // It is there and says nothing that can be read: a package without a version.
    return {};
  }
}

function textIn(manifest: unknown, key: string): string | undefined {
  const value: unknown = typeof manifest === 'object' && manifest ? Reflect.get(manifest, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}
