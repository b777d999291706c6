import { StorageError } from '../errors/storage-errors.ts';
import type { ArtifactBody } from '../plugin/plugin.ts';
import type { StepCache } from './step-cache.ts';

/** What one experiment may keep: objects, and bytes in all of them. */
export const MOST_OBJECTS = 10_000;
export const MOST_BYTES: number = 64 * 2 ** 20;

/**
 * @internal Keeps results of steps in the memory of this process, up to 64 MiB and 10 000 objects; what was
 * used longest ago goes first.
 */
export class MemoryStepCache implements StepCache {
  /** By key, those used last at the end. */
  readonly #objects = new Map<string, Uint8Array>();
  readonly #folders = new Map<string, Set<string>>();
  #bytes = 0;

  async names(folder: string): Promise<readonly string[]> {
    return [...(this.#folders.get(folder) ?? [])];
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const object = this.#objects.get(key);
    if (object) {
      this.#objects.delete(key);
      this.#objects.set(key, object);
    }
    return object;
  }

  async *stream(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    const object = await this.get(key);
    if (!object) throw new StorageError(`There is no ${key} in memory any more.`, { code: 'OBJECT_MISSING' });
    // A copy: what is handed on may be changed by whoever gets it.
    yield object.slice();
  }

  async put(key: string, body: ArtifactBody): Promise<void> {
    const object = await gather(body);
    this.#remove(key);
    if (!object) return;
    this.#objects.set(key, object);
    this.#bytes += object.byteLength;
    const [folder, name] = split(key);
    const names = this.#folders.get(folder);
    if (names) names.add(name);
    else this.#folders.set(folder, new Set([name]));
    for (const oldest of this.#objects.keys()) {
      if (this.#bytes <= MOST_BYTES && this.#objects.size <= MOST_OBJECTS) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const object = this.#objects.get(key);
    if (!object) return;
    this.#objects.delete(key);
    this.#bytes -= object.byteLength;
    const [folder, name] = split(key);
    const names = this.#folders.get(folder);
    names?.delete(name);
    if (names?.size === 0) this.#folders.delete(folder);
  }
}

/** A copy of the bytes; `undefined` when they are more than would ever be kept. */
async function gather(body: ArtifactBody): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body.byteLength > MOST_BYTES ? undefined : new Uint8Array(body);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > MOST_BYTES) return undefined;
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function split(key: string): readonly [folder: string, name: string] {
  const end = key.lastIndexOf('/');
  return [key.slice(0, end), key.slice(end + 1)];
}

const caches = new WeakMap<object, MemoryStepCache>();

/** @internal The cache in memory that all runs of one experiment share in this process. */
export function memoryCacheOf(experiment: object): MemoryStepCache {
  const known = caches.get(experiment);
  if (known) return known;
  const made = new MemoryStepCache();
  caches.set(experiment, made);
  return made;
}
