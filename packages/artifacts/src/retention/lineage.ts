import { CrystallizeError } from '@crystallize/core';
import {
  type ArtifactStore,
  checkName,
  listVersions,
  parsePruning,
  pruningKey,
  scanCellLogs,
} from '@crystallize/core/storage';

/** Which kept runs were computed from which versions, as far as the runs of one store say. */
export class Lineage {
  readonly #store: ArtifactStore;
  readonly #unreadable: { readonly directory: string; readonly version?: number }[] = [];
  #readers: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /**
   * The runs of other experiments that have read a version and are not pruned themselves, such as
   * `'evaluation' v3`, and those of which that can't be known. Everything is looked through once, when
   * it is first asked for.
   */
  async chainedTo(directory: string, version: number): Promise<readonly string[]> {
    this.#readers ??= this.#find();
    const known = (await this.#readers).get(nameOf(directory, version)) ?? [];
    const others = this.#unreadable.filter((one) => one.directory !== directory);
    return [
      ...known,
      ...others.map((one) => `perhaps ${nameOf(one.directory, one.version)}, whose records can't be read`),
    ];
  }

  async #find(): Promise<ReadonlyMap<string, readonly string[]>> {
    const readers = new Map<string, string[]>();
    for (const { name, kind } of await this.#store.children('')) {
      if (kind !== 'folder' || checkName('experiment', name) !== undefined) continue;
      for (const version of await this.#versionsIfReadable(name)) {
        for (const input of await this.#inputsIfReadable(name, version)) {
          const known = readers.get(input) ?? [];
          readers.set(input, [...known, nameOf(name, version)]);
        }
      }
    }
    return readers;
  }

  /** The same holds for an experiment whose folder can't be read. */
  async #versionsIfReadable(directory: string): Promise<readonly number[]> {
    try {
      return await listVersions(this.#store, directory);
    } catch (error) {
      if (!(error instanceof CrystallizeError)) throw error;
      this.#unreadable.push({ directory });
      return [];
    }
  }

  /** One damaged run must not keep the others from being pruned. */
  async #inputsIfReadable(directory: string, version: number): Promise<ReadonlySet<string>> {
    try {
      return await this.#inputsOf(directory, version);
    } catch (error) {
      if (!(error instanceof CrystallizeError)) throw error;
      this.#unreadable.push({ directory, version });
      return new Set();
    }
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
