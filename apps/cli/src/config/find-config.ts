import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { plainLine } from '../text/plain-text.ts';

/** Names of a config file, in the order in which they are looked for in a folder. */
export const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs'].map(
  (extension) => `crystallize.config.${extension}`,
);

/** What `--config FILE` and `--no-config` have said. */
export type ConfigChoice = string | boolean | undefined;

/**
 * The config file that counts: the one that was named, else the nearest from a folder upwards.
 *
 * @param choice A path; `false`: none.
 * @throws CliError when the file that was named is not there.
 */
export function findConfig(choice: ConfigChoice, folder: string = process.cwd()): string | undefined {
  if (choice === false) return undefined;
  if (typeof choice === 'string') {
    const path = resolve(folder, choice);
    if (isFile(path)) return path;
    throw new CliError(
      `There is no config file ${plainLine(choice)}. Name one that is there, or leave out --config.`,
    );
  }
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = CONFIG_NAMES.map((name) => join(at, name)).find(isFile);
    if (found !== undefined) return found;
    if (at === dirname(at)) return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
