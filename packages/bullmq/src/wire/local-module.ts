import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ForeignModuleError } from './foreign-module-error.ts';
import { folderUrl, IN_PACKAGE, IN_ROOT } from './portable-module.ts';

/** Packages whose modules a run may name, beside the files of the project. */
const TRUSTED_PACKAGE = /^@crystallize\/[\w.-]+$/;

/**
 * Finds on this machine what was made portable on another: below `root`, or in a package of
 * Crystallize's. Whoever can write to Redis chooses what is imported; so it is nothing but that,
 * whatever dots or links lead elsewhere.
 */
export class LocalModules {
  readonly #root: string;

  /** @param root - Absolute path of the project on this machine. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Where a module is that may be imported. @throws ForeignModuleError */
  importable(module: string): string {
    if (module.startsWith(IN_ROOT)) return this.#moduleInRoot(module.slice(IN_ROOT.length));
    if (module.startsWith(IN_PACKAGE)) return this.#moduleInPackage(module.slice(IN_PACKAGE.length));
    throw new ForeignModuleError(module, 'it lies outside of the project');
  }

  /** Any text: one that names a place in the project becomes its URL here. @throws ForeignModuleError */
  placed(text: string): string {
    return text.startsWith(IN_ROOT)
      ? pathToFileURL(placeIn(this.#root, text.slice(IN_ROOT.length))).href
      : text;
  }

  #moduleInRoot(path: string): string {
    const file = existing(this.#root, path);
    if (relative(this.#root, file).split(sep).includes('node_modules'))
      throw new ForeignModuleError(path, 'it is installed, and no part of the project');
    return pathToFileURL(file).href;
  }

  #moduleInPackage(text: string): string {
    const [name = '', path = ''] = text.split('#', 2);
    if (!TRUSTED_PACKAGE.test(name)) throw new ForeignModuleError(name, 'it is no package of Crystallize');
    return pathToFileURL(existing(this.#packageFolder(name), path)).href;
  }

  #packageFolder(name: string): string {
    // The command line may be installed for the whole machine rather than in the project.
    const places = [join(this.#root, 'package.json'), process.argv[1] ?? '', fileURLToPath(import.meta.url)];
    for (const place of places) {
      const manifest = place === '' ? undefined : realPath(`${name}/package.json`, place);
      if (manifest) return dirname(manifest);
    }
    throw new ForeignModuleError(name, 'it is not installed here');
  }
}

/** The path of a place in a folder. @throws ForeignModuleError where dots lead out of it. */
function placeIn(folder: string, path: string): string {
  let place: string;
  try {
    place = fileURLToPath(new URL(path, folderUrl(folder)));
  } catch (cause) {
    throw new ForeignModuleError(path, 'it is no path', { cause });
  }
  if (!isIn(folder, place)) throw new ForeignModuleError(path, `it lies outside of ${folder}`);
  return place;
}

/** The path of a file in a folder. @throws ForeignModuleError where there is none, or a link leads out. */
function existing(folder: string, path: string): string {
  const place = placeIn(folder, path);
  const file = realPath(place, place);
  if (!file) throw new ForeignModuleError(path, `there is no such file in ${folder}`);
  // The folder may itself be reached through a link, as with releases that are switched by one.
  const manifest = realPath(join(folder, 'package.json'), place);
  if (isIn(folder, file) || (manifest && isIn(dirname(manifest), file))) return place;
  throw new ForeignModuleError(path, `a link leads out of ${folder}`);
}

/** What node would load, with links followed; `undefined` where there is nothing. */
function realPath(what: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(what);
  } catch {
    return undefined;
  }
}

function isIn(folder: string, place: string): boolean {
  const path = relative(folder, place);
  return !path.startsWith(`..${sep}`) && path !== '..' && !/^[a-zA-Z]:/.test(path);
}
