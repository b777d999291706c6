import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../cli-error.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { plainLine } from '../text/plain-text.ts';
import { type ExperimentFile, findExperiments } from './experiment-file.ts';
import { explainLoadError } from './load-error.ts';
import { watchSelfRuns } from './self-run.ts';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * Loads a file of the user's and finds what it exports.
 * @throws CliError that says in a sentence why it can't be loaded, and what to do.
 */
export async function loadFile(given: string): Promise<ExperimentFile> {
  const path = resolve(given);
  requireFile(given, path);
  const selfRuns = await watchSelfRuns(path);
  try {
    const namespace: Record<string, unknown> = await Promise.race([
      import(pathToFileURL(path).href),
      selfRuns.started,
    ]);
    return findExperiments(path, namespace);
  } catch (error) {
    throw error instanceof CliError ? error : explainLoadError(error, path);
  } finally {
    selfRuns.stop();
  }
}

function requireFile(given: string, path: string): void {
  const shown = plainLine(given);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found)
    throw new CliError(`There is no file ${shown}.${didYouMean(basename(path), filesBeside(path))}`);
  if (found.isDirectory()) {
    throw new CliError(
      `${shown} is a folder. Give the file that exports the experiment, such as ${shown.replace(/\/+$/, '')}/penguins.experiment.ts.`,
    );
  }
  if (!EXTENSIONS.includes(extname(path))) {
    throw new CliError(
      `${shown} is no file that can be run. An experiment stands in a TypeScript or JavaScript file: ${EXTENSIONS.join(', ')}.`,
    );
  }
}

function filesBeside(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path)).filter((name) => EXTENSIONS.includes(extname(name)));
  } catch {
    return [];
  }
}
