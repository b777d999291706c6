import { createHash, hash } from 'node:crypto';
import type { ArtifactFile } from '../artifact/artifact-file.ts';
import { ArtifactNotFoundError, CorruptArtifactError, StorageError } from '../errors/storage-errors.ts';
import type { ArtifactIdentity } from '../plugin/records.ts';
import { parseLenientJson } from './lenient-json.ts';
import type { ReadableStore } from './store.ts';
import { cachedCopy, temporaryCopy } from './temporary-copy.ts';

/** What {@link storedArtifact} needs of a store. */
export type ArtifactSource = Pick<ReadableStore, 'location' | 'get' | 'stream' | 'localPath' | 'copyFolder'>;

/**
 * An artifact in a store. Nothing is read until it is asked for; then size and sha256 are compared
 * with those recorded. `path()` is the file itself where the store keeps files on this machine; else it
 * is a copy: in the store's folder for copies, where it stays, or in a temporary folder, which is deleted
 * when the process ends.
 */
export function storedArtifact(store: ArtifactSource, key: string, identity: ArtifactIdentity): ArtifactFile {
  return new StoredArtifact(store, key, identity);
}

class StoredArtifact implements ArtifactFile {
  readonly experiment: string;
  declare readonly version?: number;
  readonly replicate: number;
  readonly condition: string;
  readonly step: string;
  readonly name: string;
  declare readonly size?: number;
  declare readonly sha256?: string;
  readonly #store: ArtifactSource;
  readonly #key: string;
  #copy: Promise<string> | undefined;

  constructor(store: ArtifactSource, key: string, identity: ArtifactIdentity) {
    this.#store = store;
    this.#key = key;
    this.experiment = identity.experiment;
    this.replicate = identity.replicate;
    this.condition = identity.condition;
    this.step = identity.step;
    this.name = identity.name;
    if (identity.version !== undefined) this.version = identity.version;
    if (identity.size !== undefined) this.size = identity.size;
    if (identity.sha256 !== undefined) this.sha256 = identity.sha256;
  }

  async path(): Promise<string> {
    const path = this.#store.localPath?.(this.#key);
    if (path === undefined) {
      this.#copy ??= this.#makeCopy().catch((error: unknown) => {
        this.#copy = undefined;
        throw error;
      });
      return this.#copy;
    }
    for await (const _ of this.stream()) {
      // Reading to the end is what checks it.
    }
    return path;
  }

  #makeCopy(): Promise<string> {
    const { name, sha256 } = this;
    const { copyFolder } = this.#store;
    return copyFolder === undefined || sha256 === undefined
      ? temporaryCopy(name, this.stream())
      : cachedCopy(copyFolder, { name, sha256 }, this.stream());
  }

  async bytes(): Promise<Uint8Array> {
    const bytes = await this.#store.get(this.#key);
    if (!bytes) throw this.#missing();
    this.#check(bytes.length, () => hash('sha256', bytes));
    return bytes;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json<T = unknown>(): Promise<T> {
    const text = await this.text();
    try {
      return parseLenientJson(text) as T;
    } catch (cause) {
      throw new SyntaxError(`${this.#title()} is no JSON: ${(cause as Error).message}`, { cause });
    }
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const hashing = this.sha256 === undefined ? undefined : createHash('sha256');
    let length = 0;
    try {
      for await (const chunk of this.#store.stream(this.#key)) {
        length += chunk.length;
        hashing?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof StorageError && error.code === 'OBJECT_MISSING') throw this.#missing();
      throw error;
    }
    this.#check(length, () => hashing?.digest('hex'));
  }

  #check(length: number, sha256: () => string | undefined): void {
    if (this.size !== undefined && length !== this.size) {
      throw this.#corrupt(`${this.size} bytes`, `${length} bytes`);
    }
    if (this.sha256 === undefined) return;
    const found = sha256();
    if (found !== this.sha256) throw this.#corrupt(`the sha256 ${this.sha256}`, `${found}`);
  }

  #corrupt(expected: string, found: string): CorruptArtifactError {
    return new CorruptArtifactError(
      `${this.#title()} is damaged: expected ${expected}, found ${found} at ${this.#place()}. Restore it from a copy, or run that cell again.`,
    );
  }

  #missing(): ArtifactNotFoundError {
    return new ArtifactNotFoundError(`${this.#title()} is not there any more: looked at ${this.#place()}.`);
  }

  #title(): string {
    const run = this.version === undefined ? this.experiment : `${this.experiment} v${this.version}`;
    return `The artifact '${this.name}' of the step '${this.step}' (${run}, replicate ${this.replicate} of '${this.condition}')`;
  }

  #place(): string {
    return this.#store.localPath?.(this.#key) ?? `${this.#key} in ${this.#store.location}`;
  }
}
