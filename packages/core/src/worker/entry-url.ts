import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { RunDescription } from '../plugin/records.ts';

/** @internal URL of the file with which a worker starts: beside this one, in sources and in what is built of them. */
export function workerEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./worker-entry.${extension}`, import.meta.url).href;
}

/**
 * @internal The entry in the copy of this package that the experiment uses: only that one knows the
 * experiments which its module constructs.
 */
export function entryOf({ entry, module }: RunDescription, elsewhere: boolean): string {
  if (!elsewhere) return entry;
  try {
    return pathToFileURL(createRequire(module.url).resolve('@crystallize/core/worker-entry')).href;
  } catch {
    // The module reaches this package in some other way: most likely it is this copy.
    return workerEntry();
  }
}
