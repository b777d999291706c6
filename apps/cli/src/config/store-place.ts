import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ArtifactStore } from '@crystallize/core/storage';
import { CliError } from '../cli-error.ts';
import { importOptional } from '../loading/user-package.ts';
import { listed } from '../text/count.ts';
import { plainLine } from '../text/plain-text.ts';
import { shownUrl } from '../text/shown-url.ts';

/** Where runs are kept: the absolute path of a folder, or a store. */
export type OpenPlace = string | ArtifactStore;

/** The packages whose stores have URLs, by scheme. */
const PACKAGES: Readonly<Record<string, { readonly name: string; readonly export: string }>> = {
  's3:': { name: '@crystallize/store-s3', export: 's3StoreFromUrl' },
};

/** What a place that is given as text is resolved from. */
export interface PlaceOrigin {
  /** Absolute: paths are relative to it. */
  readonly folder: string;
  /** Path of a file: packages are looked for from there. */
  readonly file: string;
}

/** A path or URL in a form that means the same from every folder: a URL. */
export function absolutePlace(text: string, folder: string): string {
  return schemeOf(text) === undefined ? pathToFileURL(resolve(folder, text)).href : text;
}

/**
 * Opens a place that is given as text: the path of a folder, or a URL.
 * @throws CliError where it names no place, or its package is not installed. Never with what the URL gives access by.
 */
export async function openPlace(text: string, { folder, file }: PlaceOrigin): Promise<OpenPlace> {
  // As from a variable of the shell that is not set: it would be the current folder.
  if (text.trim() === '') throw new CliError('The store is empty. Give a folder, or a URL of a store.');
  const scheme = schemeOf(text);
  if (scheme === undefined) return resolve(folder, text);
  if (scheme === 'file:') return folderOf(text);
  const owner = Object.hasOwn(PACKAGES, scheme) ? PACKAGES[scheme] : undefined;
  if (!owner) {
    const known = ['file:', ...Object.keys(PACKAGES)].map((each) => `${each}//`);
    throw new CliError(
      `There is no store for ${shownUrl(text)}. URLs of stores begin with ${listed(known)}. For another one, let the option store of crystallize.config.ts be a function that makes it.`,
    );
  }
  const needs = `A store such as ${shownUrl(text)}`;
  const open = await importOptional({ ...owner, needs }, file);
  try {
    const store: unknown = await open(text);
    if (isStore(store)) return store;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`${shownUrl(text)} can't be opened: ${plainLine(hidden(message, text))}`, { cause });
  }
  throw new CliError(
    `${owner.name} gave no store for ${shownUrl(text)}. Update it to the version of this command.`,
  );
}

/** By shape, since it may come from any package. */
export function isStore(value: unknown): value is ArtifactStore {
  return (
    typeof value === 'object' &&
    value !== null &&
    'location' in value &&
    typeof value.location === 'string' &&
    ['put', 'get', 'list', 'lock', 'readLog'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

/** `C:` is a drive of Windows, not a scheme. */
function schemeOf(text: string): string | undefined {
  return /^(file:|[a-z][a-z0-9+.-]+:(?=\/\/))/i.exec(text)?.[0].toLowerCase();
}

function folderOf(url: string): string {
  try {
    // `file:runs` would be `/runs`, wherever the current folder is.
    if (/^file:\//i.test(url)) return fileURLToPath(url);
  } catch {
    // It names another machine, or a path that can't be.
  }
  throw new CliError(
    `${plainLine(url)} names no folder on this machine. Write file:///path/of/folder, or the path alone.`,
  );
}

function hidden(message: string, url: string): string {
  return message.replaceAll(url, shownUrl(url));
}
