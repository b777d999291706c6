import type { ArtifactBody, StepCache } from '@crystallize/core';
import { type ArtifactStore, privateFolder } from '@crystallize/core/storage';

/**
 * Keeps the results of an experiment's cacheable steps in a store, beside its versions and for all of
 * them, under `<directory>/.crystallize/cache`. The folder may be deleted at any time.
 */
export class StoreStepCache implements StepCache {
  readonly #store: ArtifactStore;
  readonly #folder: string;

  /** @param directory - The experiment's folder in the store. */
  constructor(store: ArtifactStore, directory: string) {
    this.#store = store;
    this.#folder = `${privateFolder(directory)}/cache`;
  }

  async names(folder: string): Promise<readonly string[]> {
    const children = await this.#store.children(`${this.#folder}/${folder}`);
    return children.flatMap(({ name, kind }) => (kind === 'object' ? [name] : []));
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#store.get(`${this.#folder}/${key}`);
  }

  stream(key: string): AsyncIterable<Uint8Array> {
    return this.#store.stream(`${this.#folder}/${key}`);
  }

  async put(key: string, body: ArtifactBody): Promise<void> {
    await this.#store.put(`${this.#folder}/${key}`, body);
  }
}
