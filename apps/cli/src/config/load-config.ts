import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explainLoadError } from '../loading/load-error.ts';
import { plainLine } from '../text/plain-text.ts';
import { type ConfigChoice, findConfig } from './find-config.ts';
import { type ConfigOptions, parseConfig } from './parse-config.ts';

/** A config that was read: nothing is left out, nothing is wrong. */
export interface LoadedConfig extends ConfigOptions {
  /** Absolute. */
  readonly path: string;
}

/** Finds and reads the config that counts, if there is one. @throws CliError that says what is wrong with it. */
export async function findAndLoadConfig(choice: ConfigChoice): Promise<LoadedConfig | undefined> {
  const path = findConfig(choice);
  return path === undefined ? undefined : await loadConfig(path);
}

/** Reads a config file. @throws CliError that says what is wrong with it. */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = await import(pathToFileURL(path).href);
  } catch (error) {
    throw explainLoadError(error, path);
  }
  return { path, ...parseConfig(namespace['default'], shownPath(path)) };
}

/** A path as it is shown: from the current folder, where it is below. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return plainLine(short === '' || short.startsWith('..') ? path : short);
}
