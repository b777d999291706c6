import { statSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { type LoadedConfig, shownPath } from '../config/load-config.ts';
import { listed } from '../text/count.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { plainLine } from '../text/plain-text.ts';
import { type Listed, type Listing, listExperiments } from './listed-experiments.ts';
import { loadFile } from './load-file.ts';
import { chooseTarget, label, nameOf, type RunTarget } from './run-target.ts';

/** What a command was told to run. */
export interface TargetChoice {
  /** A file; or, with a config that lists files, the name of an experiment or a graph; or nothing. */
  readonly given: string | undefined;
  /** What `--experiment` named. */
  readonly experiment: string | undefined;
  readonly config: LoadedConfig | undefined;
}

/** What is to be run, and where it comes from. */
export interface FoundTarget {
  readonly target: RunTarget;
  /** Of the file that exports it, absolute. */
  readonly path: string;
  /** What is to be told of files that were passed over. */
  readonly notes: readonly string[];
}

/**
 * Loads what a command was told to run.
 * @throws CliError when it is not there, or when it is not clear which, with what there is.
 */
export async function findTarget({ given, experiment, config }: TargetChoice): Promise<FoundTarget> {
  if (given !== undefined && (config?.experiments === undefined || isFile(given))) {
    const loaded = await loadFile(given);
    return { target: chooseTarget(loaded, experiment), path: loaded.path, notes: [] };
  }
  if (config?.experiments === undefined)
    throw new CliError(
      "missing required argument 'file'. Name the file of an experiment, or list files in the option experiments of crystallize.config.ts.",
    );
  if (experiment !== undefined && given !== undefined)
    throw new CliError(
      `--experiment chooses among those of a file, and '${plainLine(given)}' is the name of one. Leave out one of them.`,
    );
  const listing = await listExperiments(config);
  const wanted = given ?? experiment;
  const { target, path } =
    wanted === undefined ? onlyOne(listing, config.path) : named(listing, wanted, config.path);
  return { target, path, notes: listing.broken.map(({ path: file, error }) => brokenNote(file, error)) };
}

function onlyOne(listing: Listing, config: string): Listed {
  const alone = listing.found.filter(({ inGraph }) => !inGraph);
  const [only] = alone;
  if (only && alone.length === 1) return only;
  const message = only
    ? `The files of ${shownPath(config)} hold ${listing.found.length} experiments and graphs. Choose one: crystallize run NAME.`
    : `The files of ${shownPath(config)} export no experiment that can be run.`;
  throw new CliError(message, { details: detailsOf(listing) });
}

function named(listing: Listing, wanted: string, config: string): Listed {
  // A name that its author has given counts more than that of a variable.
  const own = listing.found.filter(({ target }) => nameOf(target) === wanted);
  const found = own.length > 0 ? own : listing.found.filter(({ names }) => names.includes(wanted));
  const [only] = found;
  if (only && found.length === 1) return only;
  const name = plainLine(wanted);
  if (only) {
    const files = [...new Set(found.map(({ path }) => path))];
    const [file = ''] = files;
    const advice =
      files.length > 1
        ? `Name the file instead: crystallize run ${shownPath(file)} --experiment ${name}.`
        : `Choose one by the name of its export: crystallize run ${shownPath(file)} --experiment NAME.`;
    throw new CliError(
      `'${name}' is the name of ${found.length} experiments or graphs, in ${listed(files.map(shownPath))}. ${advice}`,
    );
  }
  const names = [...new Set(listing.found.flatMap((each) => each.names))];
  throw new CliError(
    `The files of ${shownPath(config)} hold no experiment '${name}'.${didYouMean(wanted, names)}`,
    { details: detailsOf(listing) },
  );
}

/** What there is, and what could not be looked into. */
function detailsOf({ found, broken }: Listing): readonly string[] {
  const labels = found.map((each) => label(each) + (each.target.kind === 'graph' ? ' (graph)' : ''));
  const width = Math.max(0, ...labels.map(({ length }) => length));
  return [
    ...found.map(({ path }, index) => `${(labels[index] ?? '').padEnd(width)}  ${shownPath(path)}`),
    ...broken.map(({ path, error }) => brokenNote(path, error)),
  ];
}

function brokenNote(path: string, { message }: CliError): string {
  return `${shownPath(path)} was passed over: ${message}`;
}

/** A name without an ending is a file only where there is one. */
function isFile(given: string): boolean {
  return /\.[cm]?[jt]s$/.test(given) || (statSync(given, { throwIfNoEntry: false })?.isFile() ?? false);
}
