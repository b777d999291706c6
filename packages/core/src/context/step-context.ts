import type { Artifact } from '../artifact/artifact.ts';
import type { LogLevel } from '../plugin/events.ts';
import type { ArtifactRecord, Tags } from '../plugin/records.ts';
import type { Rng } from './rng.ts';

/** What a step can see and do while it runs. It serves one step of one cell, and ends with it. */
export interface StepContext {
  /** Index of the replicate, from 0. */
  readonly replicate: number;
  /** `baseline`, or the name of a treatment. */
  readonly condition: string;
  /** The cell's seed: `(run seed + replicate * 31337) mod 2^32`, the same for every condition. */
  readonly seed: number;
  /** Random numbers of this step's own, the same in every run with the same seed. */
  readonly rng: Rng;
  /** Aborted when the cell must end; pass it to what can be cancelled. */
  readonly signal: AbortSignal;
  /** A value that a treatment, `initialContext` or an earlier step has set; `undefined` when there is none. */
  get<T = unknown>(key: string): T | undefined;
  /** Whether the key has been set. */
  has(key: string): boolean;
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
  /** Reports a line to listeners and plugins. */
  log(message: string, data?: unknown, level?: LogLevel): void;
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
