import { isAbsolute, relative } from 'node:path';
import type { ArtifactStore } from '@crystallize/artifacts';
import { CliError } from '../cli-error.ts';
import type { ConfigChoice } from '../config/find-config.ts';
import { findAndLoadConfig } from '../config/load-config.ts';
import { placeOf } from '../config/run-settings.ts';
import type { OpenPlace } from '../config/store-place.ts';
import { watchForEarlyEnd } from '../process/early-end.ts';
import { plainText } from '../text/plain-text.ts';

/** Where runs are looked for when nobody says: where the plugin keeps them when nobody says. */
const DEFAULT_ROOT = 'data';

/** What a command for stored runs was told about where they are. */
export interface StoredPlaceOptions {
  /** The folder in which they are kept. */
  readonly root?: string | undefined;
  /** A folder or a URL. */
  readonly store?: string | undefined;
  readonly config?: ConfigChoice;
}

/**
 * Where stored runs are: what `--root` or `--store` named, else what the config says, else a folder `data`.
 * @throws CliError when both were given, or the place can't be opened.
 */
export async function storedPlace({ root, store, config }: StoredPlaceOptions): Promise<OpenPlace> {
  if (root !== undefined && store !== undefined)
    throw new CliError('--root and --store both say where runs are kept. Leave out one of them.');
  if (root !== undefined) return root;
  const endOfWatch = watchForEarlyEnd(tellCrash, { line: () => undefined }, CONFIG_WORDS);
  try {
    // A config file that counts for nothing here must not keep it from its work.
    const loaded = store === undefined ? await findAndLoadConfig(config) : undefined;
    const place = (await placeOf({ config: loaded, store })) ?? DEFAULT_ROOT;
    return typeof place === 'string' ? relativeIfBelow(place) : place;
  } finally {
    endOfWatch();
  }
}

const CONFIG_WORDS = {
  frozen:
    'the config file came to a standstill: it waits for a promise that can never settle any more. --no-config leaves it out.',
  left: 'the config file ended the process (process.exit). Throw an error instead; --no-config leaves it out.',
};

function tellCrash(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `crystallize: the config file's code threw an error that nothing caught: ${plainText(message)}\n`,
  );
}

/** The same place as the functions of the package for stored runs take it. */
export function placeOptions(place: OpenPlace): { rootDir: string } | { store: ArtifactStore } {
  return typeof place === 'string' ? { rootDir: place } : { store: place };
}

function relativeIfBelow(path: string): string {
  const short = relative('.', path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
