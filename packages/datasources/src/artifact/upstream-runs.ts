import { basename, dirname, resolve } from 'node:path';
import { ArtifactNotFoundError, type DatasourceScope, type UpstreamExperiment } from '@crystallize/core';
import {
  type ReadableStore,
  readFolder,
  type SavedExperiment,
  savedExperiment,
} from '@crystallize/core/storage';
import type { UpstreamOptions } from './artifact-options.ts';

/** Where the stored runs of one experiment are found, in the main process and in workers. */
export class UpstreamRuns {
  readonly experiment: UpstreamExperiment;
  /** The experiment's name, or its id. */
  readonly directory: string;
  readonly #store: ReadableStore | undefined;

  constructor(experiment: UpstreamExperiment, { rootDir, store }: UpstreamOptions) {
    this.experiment = experiment;
    this.directory = typeof experiment === 'string' ? experiment : experiment.info.directory;
    this.#store = rootDir === undefined ? store : readFolder(resolve(rootDir));
  }

  /** Whether they are no more than the last result of this process. */
  get inMemory(): boolean {
    return this.#store === undefined && typeof this.experiment === 'object' && this.#saving === undefined;
  }

  /** Before the first cell. @throws ArtifactNotFoundError when nothing here can read them. */
  find(scope: DatasourceScope): SavedExperiment {
    return this.#store ? savedExperiment(this.#store, this.directory) : scope.saved(this.experiment);
  }

  /** In a worker, which knows only what was found. @throws ArtifactNotFoundError */
  reopen(folder: string | undefined): SavedExperiment {
    if (this.#store) return savedExperiment(this.#store, this.directory);
    if (this.#saving) return this.#saving;
    if (folder !== undefined) return savedExperiment(readFolder(folder), this.directory);
    throw new ArtifactNotFoundError(
      `The runs of '${this.directory}' are not in files, so a worker can't read them. Give '${this.directory}' an ArtifactPlugin, or artifactDatasource the option rootDir or store.`,
    );
  }

  /** What the plugin of an Experiment keeps. */
  get #saving(): SavedExperiment | undefined {
    if (typeof this.experiment === 'string') return undefined;
    return this.experiment.plugins.findLast((plugin) => plugin.saved)?.saved?.(this.experiment.info);
  }

  /** The other experiments that are stored in the same place, for messages. */
  async neighbours(): Promise<readonly string[]> {
    const children = (await this.#store?.children('').catch(() => [])) ?? [];
    return children
      .filter(({ name, kind }) => kind === 'folder' && !name.startsWith('.'))
      .map(({ name }) => name);
  }
}

/** The folder that holds all experiments, from that of a version: `<root>/<experiment>/v<n>`. */
export function rootOf(dir: string | undefined, directory: string): string | undefined {
  if (dir === undefined || basename(dirname(dir)) !== directory) return undefined;
  return dirname(dirname(dir));
}
