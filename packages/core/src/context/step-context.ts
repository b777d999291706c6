import type { Artifact } from '../artifact/artifact.ts';
import type { LogLevel } from '../plugin/events.ts';
import type { ArtifactRecord, Tags } from '../plugin/records.ts';
import type { CellContext } from './cell-context.ts';

/** What a step can see and do while it runs. It serves one step of one cell, and ends with it. */
export interface StepContext extends CellContext {
  /**
   * Sets a key for the steps that follow. Plain objects and arrays are frozen, deeply.
   * @throws ContextMutationError when the key is set already.
   */
  add(key: string, value: unknown): void;
  /** Records one value of a metric; more than one per cell is fine. */
  record(metric: string, value: unknown, tags?: Tags): void;
  /**
   * Writes an artifact, like `artifact.write(value)`, also in callbacks that lose the async context.
   * @throws ArtifactConflictError when this step has written the name already.
   */
  write<T>(artifact: Artifact<T>, value: T): Promise<ArtifactRecord>;
  /** Reports an event of the user's own; the payload is plain data. */
  emit(name: string, payload?: unknown): void;
}

/** What `setup` can see: it serves all cells of a run in this process. */
export interface SetupContext {
  /** The run's seed. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** A value of `initialContext`. */
  get<T = unknown>(key: string): T | undefined;
  has(key: string): boolean;
  log(message: string, data?: unknown, level?: LogLevel): void;
}
