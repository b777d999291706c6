import { createRequire, findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a file below the project's root begins with while it has no place on a machine. */
export const IN_ROOT = 'crystallize-root:';

/** What a file of an installed package begins with; `#` parts the package's name from the path in it. */
export const IN_PACKAGE = 'crystallize-package:';

/** The folder of the nearest `package.json` above a module, as a URL that ends with `/`. */
export function rootOf(module: string): string {
  const manifest = manifestOf(module);
  return manifest ? folderUrl(dirname(manifest)) : new URL('.', module).href;
}

/** A folder's path as a URL that ends with `/`. */
export function folderUrl(path: string): string {
  return pathToFileURL(path.endsWith('/') ? path : `${path}/`).href;
}

/** A `file:` URL below the project's root without its machine. Any other text stays as it is. */
export function portableUrl(text: string, root: string): string {
  return text.startsWith(root) ? IN_ROOT + text.slice(root.length) : text;
}

/** The URL of a module without its machine: in the project, or in the package that it belongs to. */
export function portableModule(url: string, root: string): string {
  // What is installed may lie elsewhere on another machine, also below the same root.
  const isOfProject = url.startsWith(root) && !url.slice(root.length).split('/').includes('node_modules');
  if (isOfProject) return portableUrl(url, root);
  const manifest = manifestOf(url);
  const name = manifest && (createRequire(import.meta.url)(manifest) as { readonly name?: string }).name;
  if (!manifest || !name) return url;
  return `${IN_PACKAGE}${name}#${url.slice(folderUrl(dirname(manifest)).length)}`;
}

function manifestOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const found = findPackageJSON(new URL(url));
  // Where there is none, node answers with a folder.
  return found?.endsWith('package.json') ? found : undefined;
}
