import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedExperiment, SavedRuns } from '@crystallize/artifacts';
import { openRuns } from '@crystallize/artifacts';
import { StorageError } from '@crystallize/core';
import { CliError } from '../cli-error.ts';
import type { OpenPlace } from '../config/store-place.ts';
import { listed } from '../text/count.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { plainLine } from '../text/plain-text.ts';
import { placeOptions } from './stored-place.ts';

/** Folders and files looked at for a hint, at each of two levels. */
const MOST_ENTRIES = 500;

/** Which stored runs a command is for. */
export interface StoredRunsChoice {
  /** The folder in which they are kept, or their store. */
  readonly place: OpenPlace;
  /** The name or id of one experiment; `undefined` for all. */
  readonly experiment: string | undefined;
  /** A version of it. */
  readonly version?: number | undefined;
}

/**
 * Opens the runs that were chosen.
 * @throws CliError where there are none, with what there is.
 * Folders in it that can't be read are left to the command.
 */
export async function openStoredRuns({ place, experiment, version }: StoredRunsChoice): Promise<SavedRuns> {
  const isFolder = typeof place === 'string';
  const shown = plainLine(isFolder ? place : place.location);
  if (isFolder) requireFolder(place, shown);
  const runs = openRuns(placeOptions(place));
  const experiments = await experimentsIn(runs, experiment);
  if (experiments?.length === 0)
    throw new CliError(
      `No runs are kept in ${shown}.${isFolder ? whereRunsAre() : ' Say where they are kept: --store PLACE.'}`,
    );
  if (experiment === undefined) {
    if (version !== undefined)
      throw new CliError('--run is a run of one experiment. Name it: crystallize verify EXPERIMENT --run N.');
    return runs;
  }
  // What can't be read is told by the command, which goes on with the others.
  if (experiments === undefined) return runs;
  const names = experiments.map(({ name }) => name);
  const chosen = experiments.find(({ name }) => name === experiment);
  if (!chosen) {
    const file = /\.[cm]?[jt]s$/.test(experiment) ? ' An experiment is named here, not its file.' : '';
    throw new CliError(
      `No run of an experiment '${plainLine(experiment)}' is kept in ${shown}.${file}${didYouMean(experiment, names)} There are runs of: ${listed(names.map(plainLine))}.`,
    );
  }
  if (version !== undefined) await requireVersion(chosen, version);
  return runs;
}

function requireFolder(path: string, shown: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new CliError(`There is no folder ${shown}.${whereRunsAre()}`);
  if (!found.isDirectory())
    throw new CliError(`${shown} is no folder. Give the one in which runs are kept: --root DIR.`);
}

/** `undefined` where not all can be read, and the one that is wanted is not among the others. */
async function experimentsIn(
  runs: SavedRuns,
  wanted: string | undefined,
): Promise<readonly SavedExperiment[] | undefined> {
  try {
    return await runs.experiments();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
  if (wanted === undefined) return undefined;
  try {
    const experiment = runs.experiment(wanted);
    if ((await experiment.versions()).length > 0) return [experiment];
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return undefined;
  }
  throw new CliError(
    `No run of an experiment '${plainLine(wanted)}' is kept there, as far as it can be read.`,
  );
}

async function requireVersion(experiment: SavedExperiment, version: number): Promise<void> {
  const versions = (await experiment.versions()).map((saved) => saved.version);
  if (versions.includes(version)) return;
  throw new CliError(
    `'${plainLine(experiment.name)}' has no run v${version}. There are: ${listed(versions.map((each) => `v${each}`))}.`,
  );
}

/** Which folders here have runs in them, for who has not said where they are. */
function whereRunsAre(): string {
  const folders = foldersIn('.').filter((folder) =>
    foldersIn(folder).some((name) => existsSync(join(folder, name, '.crystallize'))),
  );
  const hint = folders.length > 0 ? ` There are runs in ${listed(folders.map(plainLine))}.` : '';
  return `${hint} Say where they are kept (rootDir of the ArtifactPlugin): --root DIR.`;
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .slice(0, MOST_ENTRIES)
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch {
    // A hint is not worth an error.
    return [];
  }
}
