import type { Plugin } from '@crystallize/core';
import { CliError } from '../cli-error.ts';
import { listed } from '../text/count.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { plainLine } from '../text/plain-text.ts';
import type { StoreSetting } from './config.ts';
import { isStore } from './store-place.ts';

/** The options of a config: known ones, of the right kinds. */
export interface ConfigOptions {
  readonly store: StoreSetting | undefined;
  readonly plugins: readonly Plugin[];
  /** `undefined` where it says nothing of experiments. */
  readonly experiments: readonly string[] | undefined;
}

/** Each option with what it is, and whether a value is that. */
const OPTIONS: Readonly<
  Record<keyof ConfigOptions, readonly [expected: string, fits: (value: unknown) => boolean]>
> = {
  store: [
    "a store such as s3Store({ … }), a URL such as 's3://bucket/prefix', the path of a folder, or a function that gives one of them",
    (value) => isText(value) || typeof value === 'function' || isStore(value),
  ],
  plugins: [
    'a list of plugins, which are objects with a name',
    (value) => Array.isArray(value) && value.every(isPlugin),
  ],
  experiments: [
    "a list of files or globs, such as ['experiments/*.experiment.ts']",
    (value) => Array.isArray(value) && value.every(isText),
  ],
};

/**
 * Reads what a config file exports as its default.
 * @param name Of the file, as it is shown.
 * @throws CliError that says what is wrong with it.
 */
export function parseConfig(given: unknown, name: string): ConfigOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const found = given === undefined ? 'it has none' : `this is ${described(given)}`;
    throw new CliError(
      `The default export of ${name} is an object of options, and ${found}. Write export default defineConfig({ … }).`,
    );
  }
  for (const [option, value] of Object.entries(given)) {
    if (!isOption(option)) {
      const names = Object.keys(OPTIONS);
      throw new CliError(
        `${name} has the option '${plainLine(option)}', which is unknown.${didYouMean(option, names)} Its options are: ${listed(names)}.`,
      );
    }
    const [expected, fits] = OPTIONS[option];
    if (value !== undefined && !fits(value))
      throw new CliError(`The option ${option} of ${name} is ${expected}, and this is ${described(value)}.`);
  }
  const { store, plugins = [], experiments } = given as Partial<ConfigOptions>;
  return { store, plugins, experiments };
}

function isOption(name: string): name is keyof ConfigOptions {
  return Object.hasOwn(OPTIONS, name);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isPlugin(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && isText(value.name);
}

function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list of something else';
  if (typeof value === 'string') return value === '' ? 'empty' : `'${plainLine(value)}'`;
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`;
}
