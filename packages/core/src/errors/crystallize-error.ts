/**
 * Every error code, as keys. Plugins add theirs by augmentation:
 *
 * @example
 * declare module '@crystallize/core' {
 *   interface ErrorCodes { TRACKER_UNREACHABLE: true }
 * }
 */
export interface ErrorCodes {
  /** A definition, a graph or the options of a run are wrong; nothing has run. */
  EXPERIMENT_INVALID: true;
  GRAPH_INVALID: true;
  NAME_UNSAFE: true;
  /** A function was called with something that it does not take. */
  ARGUMENT_INVALID: true;
  CONTEXT_MUTATION: true;
  PARAM_MISSING: true;
  PARAM_UNKNOWN: true;
  /** A value has no canonical or storable form. */
  VALUE_UNSUPPORTED: true;
  METRIC_MISSING: true;
  CELL_FAILED: true;
  CELL_TIMEOUT: true;
  /** A worker could not make the experiment, makes another one, or ended before its cell did. */
  EXPERIMENT_NOT_REBUILT: true;
  WORKER_MISMATCH: true;
  WORKER_DIED: true;
  UPSTREAM_FAILED: true;
  REPLICATE_MISMATCH: true;
  TREATMENT_MISSING: true;
  ARTIFACT_NOT_FOUND: true;
  ARTIFACT_CORRUPT: true;
  /** The same artifact twice from one step in one cell. */
  ARTIFACT_CONFLICT: true;
  /** An artifact was written outside a step, or after its end. */
  ARTIFACT_SCOPE: true;
  RUN_LOCKED: true;
  RESUME_UNSUPPORTED: true;
  RESUME_MISMATCH: true;
  /** A plugin's state was asked for before it was set. */
  STATE_MISSING: true;
  /** A hook of a plugin threw where that stops the run. */
  PLUGIN_FAILED: true;
  /** Reading or writing stored data failed; `cause` has the system's error. */
  STORAGE_FAILED: true;
  OBJECT_EXISTS: true;
  OBJECT_MISSING: true;
  /** Stored data is damaged, or of a newer format. */
  RECORD_UNREADABLE: true;
  FORMAT_TOO_NEW: true;
}

/** The closed union of error codes. */
export type ErrorCode = keyof ErrorCodes;

/** What every error may be given. */
export interface CrystallizeErrorOptions {
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for('@crystallize/error') as never;

/**
 * The base of every error that Crystallize throws. `instanceof` recognises these also when they come
 * from another copy of the package, or from a worker: each carries the names of its classes.
 */
export class CrystallizeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: CrystallizeErrorOptions) {
    super(message, options);
    this.code = code;
    const lineage = lineageOf(new.target);
    // Not enumerable, so that an error prints as its message and its own fields.
    Object.defineProperty(this, 'name', { value: lineage[0], enumerable: false, configurable: true });
    Object.defineProperty(this, brand, { value: lineage, enumerable: false });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null || !(brand in value)) return false;
    return Array.isArray(value[brand]) && value[brand].includes(this.name);
  }
}

/** @internal The names of an error's classes, nearest first; `undefined` for errors of others. */
export function classesOf(error: object): readonly string[] | undefined {
  return brand in error && Array.isArray(error[brand]) ? error[brand] : undefined;
}

/** @internal Has `instanceof` recognise an error by the names of its classes. */
export function recogniseAs(error: Error, classes: readonly string[]): void {
  Object.defineProperty(error, brand, { value: classes, enumerable: false });
}

function lineageOf(type: Function): readonly string[] {
  const names: string[] = [];
  for (let at: Function | null = type; at && at !== Error; at = Object.getPrototypeOf(at))
    names.push(at.name);
  return names;
}
