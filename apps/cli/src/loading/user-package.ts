import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../cli-error.ts';
import { plainLine } from '../text/plain-text.ts';

/** What a module exports. */
export type Namespace = Readonly<Record<string, unknown>>;

/**
 * Imports a package that need not be installed: the copy that a file of the user's would get, else the one
 * that this command would get.
 *
 * @param from Path of a file, which need not exist.
 * @returns `undefined` where there is no such package. What it throws while it is loaded is thrown on.
 */
export async function importUserPackage(name: string, from: string): Promise<Namespace | undefined> {
  const url = resolvedFrom(name, resolve(from)) ?? resolvedFrom(name, import.meta.filename);
  return url === undefined ? undefined : ((await import(url)) as Namespace);
}

/** An export of a package that only some users need. */
export interface OptionalExport {
  /** Name of the package. */
  readonly name: string;
  readonly export: string;
  /** What needs it, as the subject of a sentence. */
  readonly needs: string;
}

/**
 * A function or class that a package exports.
 * @throws CliError that says what to install, where it is missing or can't be loaded.
 */
export async function importOptional(
  { name, export: exported, needs }: OptionalExport,
  from: string,
): Promise<Function> {
  let found: Namespace | undefined;
  try {
    found = await importUserPackage(name, from);
  } catch (cause) {
    const message = plainLine(cause instanceof Error ? cause.message : String(cause));
    throw new CliError(`${needs} needs the package ${name}, which can't be loaded: ${message}`, { cause });
  }
  if (!found)
    throw new CliError(
      `${needs} needs the package ${name}, which is not installed here. Install it: npm install ${name}.`,
    );
  const value = found[exported];
  if (typeof value === 'function') return value;
  throw new CliError(
    `${needs} needs ${exported} of the package ${name}, and the version that is installed has no such export. Update it: npm install ${name}@latest.`,
  );
}

/** A file in a folder, from which packages can be resolved. */
export function fileIn(folder: string): string {
  return join(folder, 'package.json');
}

function resolvedFrom(name: string, file: string): string | undefined {
  try {
    return pathToFileURL(createRequire(file).resolve(name)).href;
  } catch {
    return undefined;
  }
}
