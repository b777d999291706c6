import type { LogLevel } from '../plugin/events.ts';
import type { Rng } from './rng.ts';

/** What a step and a datasource can both see and do while they work on one cell. */
export interface CellContext {
  /** Index of the replicate, from 0. */
  readonly replicate: number;
  /** `baseline`, or the name of a treatment. */
  readonly condition: string;
  /** The cell's seed: `(run seed + replicate * 31337) mod 2^32`, the same for every condition. */
  readonly seed: number;
  /** Random numbers of the step's, or the datasource's, own: the same in every run with the same seed. */
  readonly rng: Rng;
  /** Aborted when the cell must end; pass it to what can be cancelled. */
  readonly signal: AbortSignal;
  /** A value that a treatment, `initialContext` or an earlier step has set; `undefined` when there is none. */
  get<T = unknown>(key: string): T | undefined;
  /** Whether the key has been set. */
  has(key: string): boolean;
  /** Reports a line to listeners and plugins. */
  log(message: string, data?: unknown, level?: LogLevel): void;
}
