import { ArtifactConflictError, StorageError } from '../errors/storage-errors.ts';
import type { ArtifactBody } from '../plugin/plugin.ts';
import type { ArtifactRecord } from '../plugin/records.ts';
import { assertName } from '../storage/names.ts';
import type { Cell } from './cell.ts';

/** Whether a write may go on for as long as the step feeds it. */
export type WriteKind = 'value' | 'stream';

/** @internal The artifacts that one step of one cell writes; made at its first write. */
export class StepArtifacts {
  readonly #cell: Cell;
  readonly #step: string;
  readonly #names = new Set<string>();
  /** Writes that are still under way. */
  readonly #writing = new Map<Promise<ArtifactRecord>, WriteKind>();
  #failure: { readonly error: unknown } | undefined;

  constructor(cell: Cell, step: string) {
    this.#cell = cell;
    this.#step = step;
  }

  /**
   * Stores a body once it is there.
   * @throws ArtifactConflictError when the step has written the name already. @throws UnsafeNameError
   */
  async write(
    name: string,
    kind: WriteKind,
    body: () => ArtifactBody | Promise<ArtifactBody>,
  ): Promise<ArtifactRecord> {
    try {
      this.#claim(name);
      const pending = this.#store(name, body);
      this.#writing.set(pending, kind);
      try {
        return await pending;
      } finally {
        this.#writing.delete(pending);
      }
    } catch (error) {
      // Kept for settle(): a step whose file is missing must fail, also when it did not wait for the write.
      this.#failure ??= { error };
      throw error;
    }
  }

  /** Waits for writes that the step began and did not wait for; throws what one of them failed with. */
  async settle(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing.keys());
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for the writes of a step that has failed, but not for streams: these may never end without it. */
  async drain(): Promise<void> {
    await Promise.allSettled(
      [...this.#writing].flatMap(([write, kind]) => (kind === 'value' ? [write] : [])),
    );
  }

  #claim(name: string): void {
    assertName('artifact', name);
    if (this.#names.has(name)) throw new ArtifactConflictError(name, this.#step);
    this.#names.add(name);
  }

  async #store(name: string, body: () => ArtifactBody | Promise<ArtifactBody>): Promise<ArtifactRecord> {
    const { run, spec, replicate, condition, sink } = this.#cell;
    const bytes = await body();
    try {
      const record = await sink.write({ replicate, condition, step: this.#step, name }, bytes);
      this.#cell.addArtifact(record);
      if (run.observed) run.emit({ type: 'artifact:written', cell: spec, artifact: record });
      return record;
    } catch (error) {
      // Whatever the step does about it, what can't be stored must not go on to be reported as done.
      if (error instanceof StorageError) run.fail(error);
      throw error;
    }
  }
}
