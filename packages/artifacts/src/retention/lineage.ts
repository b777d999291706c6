import { CrystallizeError } from '@crystallize/core';
import {
  type ArtifactStore,
  checkName,
  listVersions,
  parsePruning,
  pruningKey,
  scanCellLogs,
} from '@crystallize/core/storage';

/** What one experiment has read. */
interface Readings {
  /** By what was read: the kept runs that have read it. */
  readonly readers: ReadonlyMap<string, readonly string[]>;
  /** What can't be read of the experiment: all of it, or some of its runs. */
  readonly unreadable: readonly string[];
}

/** Which kept runs were computed from which versions, as far as the runs of one store say. */
export class Lineage {
  readonly #store: ArtifactStore;
  #experiments: Promise<readonly string[]> | undefined;
  readonly #readings = new Map<string, Promise<Readings>>();

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /**
   * The runs of other experiments that have read a version and are not pruned themselves, such as
   * `'evaluation' v3`, and those of which that can't be known. Each experiment is looked through once.
   */
  async chainedTo(directory: string, version: number): Promise<readonly string[]> {
    this.#experiments ??= this.#listExperiments();
    const known: string[] = [];
    const unknown: string[] = [];
    for (const name of await this.#experiments) {
      if (name === directory) continue;
      const readings = this.#readings.get(name) ?? this.#readingsOf(name);
      this.#readings.set(name, readings);
      const { readers, unreadable } = await readings;
      known.push(...(readers.get(nameOf(directory, version)) ?? []));
      unknown.push(...unreadable.map((run) => `perhaps ${run}, whose records can't be read`));
    }
    return [...known, ...unknown];
  }

  async #listExperiments(): Promise<readonly string[]> {
    const children = await this.#store.children('');
    return children
      .filter(({ name, kind }) => kind === 'folder' && checkName('experiment', name) === undefined)
      .map(({ name }) => name);
  }

  /** One damaged run, or a folder that can't be read, must not keep the others from being pruned. */
  async #readingsOf(directory: string): Promise<Readings> {
    const readers = new Map<string, string[]>();
    const unreadable: string[] = [];
    const attempt = async (what: string, look: () => Promise<void>): Promise<void> => {
      try {
        await look();
      } catch (error) {
        if (!(error instanceof CrystallizeError)) throw error;
        unreadable.push(what);
      }
    };
    await attempt(nameOf(directory), async () => {
      for (const version of await listVersions(this.#store, directory)) {
        await attempt(nameOf(directory, version), async () => {
          for (const input of await this.#inputsOf(directory, version))
            readers.set(input, [...(readers.get(input) ?? []), nameOf(directory, version)]);
        });
      }
    });
    return { readers, unreadable };
  }

  async #inputsOf(directory: string, version: number): Promise<ReadonlySet<string>> {
    const key = pruningKey(directory, version);
    const pruned = await this.#store.get(key);
    if (pruned && parsePruning(pruned, key).over === undefined) return new Set();
    const logs = await scanCellLogs(this.#store, directory, version);
    const inputs = (logs?.sessions ?? [])
      .flatMap((session) => session.inputs)
      .filter((input) => input.experiment !== directory);
    return new Set(
      inputs.flatMap((input) =>
        input.version === undefined ? [] : [nameOf(input.experiment, input.version)],
      ),
    );
  }
}

function nameOf(directory: string, version?: number): string {
  return version === undefined ? `'${directory}'` : `'${directory}' v${version}`;
}
