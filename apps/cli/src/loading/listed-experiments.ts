import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { type LoadedConfig, shownPath } from '../config/load-config.ts';
import { plainLine } from '../text/plain-text.ts';
import type { LoadedGraph } from './experiment-file.ts';
import { loadFile } from './load-file.ts';
import { type Candidate, candidatesIn } from './run-target.ts';

/** Something that can be run, and where it is. */
export interface Listed extends Candidate {
  /** Of the file that exports it, absolute. */
  readonly path: string;
  /** An experiment of a graph that is listed as well. */
  readonly inGraph: boolean;
}

/** What the files of a config hold. */
export interface Listing {
  /** Each experiment and graph once, whatever files export it. */
  readonly found: readonly Listed[];
  /** Files that can't be loaded, with the reason. */
  readonly broken: readonly { readonly path: string; readonly error: CliError }[];
}

/**
 * Loads the files that a config names in `experiments`. One that can't be loaded leaves the others to be run.
 * @throws CliError where an entry names no file.
 */
export async function listExperiments({ path, experiments = [] }: LoadedConfig): Promise<Listing> {
  const files = new Set(experiments.flatMap((pattern) => filesOf(pattern, path)));
  const found = new Map<unknown, Candidate & { readonly path: string }>();
  const broken: { path: string; error: CliError }[] = [];
  // One after the other, so that what they print and throw belongs to one of them.
  for (const file of files) {
    try {
      for (const candidate of candidatesIn(await loadFile(file)))
        if (!found.has(candidate.value)) found.set(candidate.value, { ...candidate, path: file });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      broken.push({ path: file, error });
    }
  }
  const all = [...found.values()];
  const inner = new Set(
    all.flatMap(({ value, target }) => (target.kind === 'graph' ? membersOf(value) : [])),
  );
  return { found: all.map((each) => ({ ...each, inGraph: inner.has(each.value) })), broken };
}

function membersOf(graph: Candidate['value']): readonly unknown[] {
  return (graph as LoadedGraph).experiments;
}

function filesOf(pattern: string, config: string): readonly string[] {
  const folder = dirname(config);
  const literal = resolve(folder, pattern);
  // A name may hold what a glob would take for more than a letter.
  if (existsSync(literal) && statSync(literal).isFile()) return [literal];
  const files = globSync(pattern, { cwd: folder, exclude: (name) => name === 'node_modules' })
    .map((file) => resolve(folder, file))
    .filter((file) => /(?<!\.d)\.[cm]?[jt]s$/.test(file) && file !== config)
    .sort();
  if (files.length > 0) return files;
  throw new CliError(
    `The option experiments of ${shownPath(config)} names '${plainLine(pattern)}', and no TypeScript or JavaScript file is there. Paths are relative to the config file.`,
  );
}
