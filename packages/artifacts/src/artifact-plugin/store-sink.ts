import {
  type ArtifactBody,
  type ArtifactFile,
  type ArtifactRecord,
  type ArtifactSink,
  type ArtifactTarget,
  type CellRecord,
  type CellSpec,
  InvalidArgumentError,
  StorageError,
} from '@crystallize/core';
import { type ArtifactStore, type StoredObject, storedArtifact } from '@crystallize/core/storage';
import { CellPaths } from './cell-paths.ts';
import { cellId, type RunPlace } from './run-place.ts';
import { Writing } from './writing.ts';

const mostLeftovers = 3;

/** What a sink may know of the run's lock. */
export interface StoreSinkOptions {
  /**
   * Asks whether this process still holds the run's lock. With it, a file that is there already is never
   * replaced without asking: it may be that of a process which has taken over. Without it, in workers
   * and wherever no lock is at hand, a write replaces what is there.
   */
  readonly isHeld?: () => Promise<boolean>;
}

/** Writes the artifacts of one run straight to their keys in the store. One per run and process. */
export class StoreSink implements ArtifactSink {
  readonly #store: ArtifactStore;
  readonly #place: RunPlace;
  /** By key: the write that is under way. */
  readonly #writing = new Map<string, Writing>();
  /** By cell: every key that its attempts wrote in this process, until one succeeds. */
  readonly #written = new Map<string, Set<string>>();
  /** By cell: the paths of the attempt that is under way. */
  readonly #paths = new Map<string, CellPaths>();
  readonly #isHeld: (() => Promise<boolean>) | undefined;
  #closed = false;

  constructor(store: ArtifactStore, place: RunPlace, options: StoreSinkOptions = {}) {
    this.#store = store;
    this.#place = place;
    this.#isHeld = options.isHeld;
  }

  async write(target: ArtifactTarget, body: ArtifactBody): Promise<ArtifactRecord> {
    assertBody(target, body);
    this.#notePath(target);
    const key = await this.#place.keyToWrite(target);
    this.#remember(target, key);
    // A write of an attempt that timed out may be about to land: it must not do so on top of this one.
    for (let earlier = this.#writing.get(key); earlier?.complete; earlier = this.#writing.get(key))
      await earlier.over;
    if (this.#closed)
      throw new StorageError(`The run has ended, so the artifact '${target.name}' is not stored.`);
    const writing = new Writing();
    this.#writing.set(key, writing);
    try {
      const { size, sha256 } = await this.#publish(key, writing.watch(body));
      return { step: target.step, name: target.name, size, sha256 };
    } catch (error) {
      throw error instanceof StorageError ? explain(target, error) : error;
    } finally {
      if (this.#writing.get(key) === writing) this.#writing.delete(key);
      writing.end();
    }
  }

  open(target: ArtifactTarget, record: ArtifactRecord): ArtifactFile {
    const { directory, version } = this.#place.address;
    const { size, sha256 } = record;
    const identity = { experiment: directory, version, ...place(target), size, sha256 };
    return storedArtifact(this.#store, this.#place.keyToRead(target), identity);
  }

  /** An attempt at a cell begins. */
  begin(cell: CellSpec): void {
    this.#place.forget(cell);
    if (this.#paths.size > 0) this.#paths.delete(cellId(cell));
  }

  /** An attempt at a cell has ended: what only earlier, failed attempts wrote is taken away. */
  end(cell: CellSpec, record: CellRecord): void | Promise<void> {
    if (this.#written.size === 0) return;
    const id = cellId(cell);
    this.#paths.delete(id);
    const written = this.#written.get(id);
    if (!written) return;
    if (record.status === 'done') this.#written.delete(id);
    if (written.size > record.artifacts.length) return this.#removeOthers(cell, record, written);
  }

  async #removeOthers(cell: CellSpec, record: CellRecord, written: Set<string>): Promise<void> {
    const kept = new Set(
      record.artifacts.map(({ step, name }) => this.#place.keyToRead({ ...cell, step, name })),
    );
    for (const key of written) {
      if (kept.has(key)) continue;
      written.delete(key);
      const writing = this.#writing.get(key);
      writing?.breakOff();
      // What can't be published any more need not be waited for: it may be a stream that never ends.
      if (writing && !writing.complete) continue;
      await writing?.over;
      await this.#removeOwn(key);
    }
  }

  /**
   * The run has ended: nothing is published any more. Waits for what is about to be; a stream that
   * has not come to its end is broken off.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const writings = [...this.#writing.values()];
    for (const writing of writings) writing.breakOff();
    await Promise.all(writings.filter(({ complete }) => complete).map(({ over }) => over));
  }

  async #publish(key: string, body: ArtifactBody): Promise<StoredObject> {
    if (!this.#isHeld) return this.#store.put(key, body);
    // A stream can be read only once, so that what is in its way is looked for first.
    if (!(body instanceof Uint8Array)) {
      if ((await this.#store.size(key)) !== undefined) await this.#removeOwn(key);
      return this.#store.put(key, body, { ifAbsent: true });
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#store.put(key, body, { ifAbsent: true });
      } catch (error) {
        const isTaken = error instanceof StorageError && error.code === 'OBJECT_EXISTS';
        // More than one is met when a process that has lost the lock does not know it yet.
        if (!isTaken || attempt === mostLeftovers) throw error;
      }
      await this.#removeOwn(key);
    }
  }

  /**
   * Removes what an earlier attempt or a crashed session of this run left behind.
   * @throws StorageError when it may be another process's work.
   */
  async #removeOwn(key: string): Promise<void> {
    const confirm = async (): Promise<void> => {
      if (!this.#isHeld || (await this.#isHeld())) return;
      throw new StorageError(
        `Another process has taken over this run, so that ${key} is its own by now and stays as it is. Let that process go on; what this one computed since is not stored.`,
      );
    };
    // Before as well: what is to stay need not even be touched.
    await confirm();
    await this.#store.remove(key, { confirm });
  }

  #notePath(target: ArtifactTarget): void {
    const id = cellId(target);
    const paths = this.#paths.get(id) ?? new CellPaths();
    this.#paths.set(id, paths);
    paths.add(`${target.step}/${target.name}`);
  }

  #remember(target: ArtifactTarget, key: string): void {
    const id = cellId(target);
    const keys = this.#written.get(id);
    if (keys) keys.add(key);
    else this.#written.set(id, new Set([key]));
  }
}

function assertBody(target: ArtifactTarget, body: ArtifactBody): void {
  if (body instanceof Uint8Array) return;
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) return;
  throw new InvalidArgumentError(
    `The artifact '${target.name}' of the step '${target.step}' is to be stored from bytes or an async iterable of bytes, and this is ${body === null ? 'null' : typeof body}. Encode it first.`,
  );
}

function explain(target: ArtifactTarget, error: StorageError): StorageError {
  const { name, step, replicate, condition } = target;
  return new StorageError(
    `The artifact '${name}' of the step '${step}' (replicate ${replicate} of '${condition}') could not be stored: ${error.message}`,
    { cause: error, code: error.code },
  );
}

function place({ replicate, condition, step, name }: ArtifactTarget): ArtifactTarget {
  return { replicate, condition, step, name };
}
