import type { ErrorRecord, InputRecord } from '../plugin/records.ts';

/**
 * The entries of a log of cells as they stand in it. Fields of a user's are pairs, never keys; their
 * values are what `encodeValue` makes of them.
 */

/** `[key, encoded value]` for each field. */
export type LineOfFields = readonly (readonly [key: string, value: unknown])[];

/** What a step was given and did, for the cells that refer to it. */
export interface LineOfShape {
  readonly type: 'shape';
  /** Counts from 0 in each log. */
  readonly shape: number;
  readonly step: string;
  readonly params: LineOfFields;
  readonly read: LineOfFields;
  readonly wrote: LineOfFields;
}

/** A metric, an encoded value or `{ unstorable: reason }`, the step, and tags if there are any. */
export type LineOfMetric = readonly [metric: string, value: unknown, step: string, tags?: LineOfFields];

/** A cell. What is absent has the value that nearly all cells have. */
export interface LineOfCell {
  type: 'cell';
  replicate: number;
  condition: string;
  seed: number;
  metrics: readonly LineOfMetric[];
  /** The number of a shape, milliseconds, and 1 when it came from the cache. */
  steps: readonly (readonly [shape: number, duration: number, cached?: 1])[];
  startedAt: number;
  duration: number;
  /** Absent: none. */
  artifacts?: readonly (readonly [step: string, name: string, size: number, sha256: string])[];
  /** Absent: none. */
  inputs?: readonly InputRecord[];
  /** Absent: done. */
  status?: 'failed';
  error?: LineOfError;
  failedStep?: string;
  /** Absent: 1. */
  attempts?: number;
  /** Keys that the treatment sets and nothing had read. Absent: none. */
  unread?: readonly string[];
}

/** An error whose fields are pairs. */
export interface LineOfError extends Omit<ErrorRecord, 'fields' | 'cause'> {
  readonly fields?: LineOfFields;
  readonly cause?: LineOfError;
}
