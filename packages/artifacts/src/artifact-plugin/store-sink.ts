import {
  type ArtifactBody,
  type ArtifactFile,
  type ArtifactRecord,
  type ArtifactSink,
  type ArtifactTarget,
  type CellHandle,
  type CellRecord,
  type CellSpec,
  InvalidArgumentError,
  StorageError,
} from '@crystallize/core';
import {
  type ArtifactStore,
  type CellPlace,
  type StoredObject,
  storedArtifact,
} from '@crystallize/core/storage';
import { CellPaths } from './cell-paths.ts';
import { cellId, type RunPlace } from './run-place.ts';
import { Writing } from './writing.ts';

const mostLeftovers = 3;

/** An attempt at a cell that begins. */
export type BegunCell = CellSpec & Pick<CellHandle, 'attempt' | 'isCurrent'>;

/**
 * Writes the artifacts of one run straight to their keys in the store. One per run and process.
 *
 * A file that is there already is never replaced without asking whether it is this run's own, and the cell
 * this process's: it may be the work of a process that has taken over the run, or of a worker that was given
 * the cell. Nothing is asked while keys are free.
 */
export class StoreSink implements ArtifactSink {
  readonly #store: ArtifactStore;
  readonly #place: RunPlace;
  /** By key: the write that is under way. */
  readonly #writing = new Map<string, Writing>();
  /** By cell: every key that its attempts wrote in this process, until one succeeds. */
  readonly #written = new Map<string, Set<string>>();
  /** By cell: the paths of the attempt that is under way. */
  readonly #paths = new Map<string, CellPaths>();
  /** By cell: the attempt that is under way, where another worker may be given the cell. */
  readonly #shared = new Map<string, BegunCell>();
  readonly #isHeld: () => Promise<boolean>;
  #closed = false;

  /** @param isHeld - Asks whether the run still is that of the process which began it, or went on with it. */
  constructor(store: ArtifactStore, place: RunPlace, isHeld: () => Promise<boolean>) {
    this.#store = store;
    this.#place = place;
    this.#isHeld = isHeld;
  }

  async write(target: ArtifactTarget, body: ArtifactBody): Promise<ArtifactRecord> {
    assertBody(target, body);
    // Of this attempt: a later one may begin while this write is under way.
    const guard = this.#guardOf(target);
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
      const { size, sha256 } = await this.#publish(key, writing.watch(body), guard);
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

  /** An attempt at a cell begins; those before it may have been another process's. */
  begin(cell: BegunCell): void {
    this.#place.forget(cell);
    if (this.#paths.size > 0) this.#paths.delete(cellId(cell));
    if (cell.isCurrent) this.#shared.set(cellId(cell), cell);
    else if (this.#shared.size > 0) this.#shared.delete(cellId(cell));
    for (const { step, name } of cell.attempt.earlier) {
      for (const key of this.#place.keysOf({ ...cell, step, name })) this.#remember(cell, key);
    }
  }

  /** An attempt at a cell has ended: what only earlier, failed attempts wrote is taken away. */
  end(cell: CellSpec, record: CellRecord): void | Promise<void> {
    if (this.#written.size === 0 && this.#shared.size === 0) return;
    const id = cellId(cell);
    const guard = this.#guardOf(cell);
    this.#paths.delete(id);
    this.#shared.delete(id);
    const written = this.#written.get(id);
    if (!written) return;
    if (record.status === 'done') this.#written.delete(id);
    if (written.size > record.artifacts.length) return this.#removeOthers(cell, record, written, guard);
  }

  async #removeOthers(cell: CellSpec, record: CellRecord, written: Set<string>, guard: Guard): Promise<void> {
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
      await this.#removeOwn(key, guard);
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

  async #publish(key: string, body: ArtifactBody, guard: Guard): Promise<StoredObject> {
    const isStream = !(body instanceof Uint8Array);
    // A stream can be read only once, so that what is in its way is looked for first.
    if (isStream && (await this.#store.size(key)) !== undefined) await this.#removeOwn(key, guard);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#store.put(key, body, { ifAbsent: true });
      } catch (error) {
        if (!(error instanceof StorageError && error.code === 'OBJECT_EXISTS')) throw error;
        if (isStream) await guard(key);
        // More than one is met when a process that has lost the lock does not know it yet.
        if (isStream || attempt === mostLeftovers) throw error;
      }
      await this.#removeOwn(key, guard);
    }
  }

  /**
   * Removes what an earlier attempt or a crashed session of this run left behind.
   * @throws StorageError when it may be another's work.
   */
  async #removeOwn(key: string, guard: Guard): Promise<void> {
    // Before as well: what is to stay need not even be touched.
    await guard(key);
    await this.#store.remove(key, { confirm: () => guard(key) });
  }

  /** What lets only that pass which this process may replace, as the cell is given out now. */
  #guardOf(cell: CellPlace): Guard {
    const begun = this.#shared.get(cellId(cell));
    return async (key) => {
      if (!(await this.#isHeld())) {
        throw new StorageError(
          `Another process has taken over this run, so that ${key} is its own by now and stays as it is. Let that process go on; what this one computed since is not stored.`,
        );
      }
      if (begun && (await begun.isCurrent?.()) === false) {
        throw new StorageError(
          `Replicate ${cell.replicate} of '${cell.condition}' was given to another worker, since this one gave no sign of life, so that ${key} is that one's by now and stays as it is. What this worker computed of the cell is not stored.`,
        );
      }
    };
  }

  #notePath(target: ArtifactTarget): void {
    const id = cellId(target);
    const paths = this.#paths.get(id) ?? new CellPaths();
    this.#paths.set(id, paths);
    paths.add(`${target.step}/${target.name}`);
  }

  #remember(cell: CellPlace, key: string): void {
    const id = cellId(cell);
    const keys = this.#written.get(id);
    if (keys) keys.add(key);
    else this.#written.set(id, new Set([key]));
  }
}

/** Passes when what lies under the key may be replaced. @throws StorageError when it may be another's work. */
type Guard = (key: string) => Promise<void>;

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
