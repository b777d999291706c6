import { CrystallizeError, type CrystallizeErrorOptions, type ErrorCode } from './crystallize-error.ts';

/**
 * Reading or writing stored data failed. A run that meets one stops, wherever it comes from: what
 * can't be stored must not be reported as done. `cause` has the system's error where there is one.
 */
export class StorageError extends CrystallizeError {
  constructor(message: string, options?: CrystallizeErrorOptions & { readonly code?: ErrorCode }) {
    super(options?.code ?? 'STORAGE_FAILED', message, options);
  }
}

/** An artifact that was asked for is not there. */
export class ArtifactNotFoundError extends CrystallizeError {
  constructor(message: string) {
    super('ARTIFACT_NOT_FOUND', message);
  }
}

/** The bytes of an artifact are not those that were written. */
export class CorruptArtifactError extends CrystallizeError {
  constructor(message: string) {
    super('ARTIFACT_CORRUPT', message);
  }
}

/** The same artifact was written twice by one step in one cell. */
export class ArtifactConflictError extends CrystallizeError {
  constructor(name: string, step: string) {
    super(
      'ARTIFACT_CONFLICT',
      `The step '${step}' wrote the artifact '${name}' twice in one cell. Each write needs a name of its own.`,
    );
  }
}

/** An artifact was written outside a step, or after the step had ended. */
export class ArtifactScopeError extends CrystallizeError {
  constructor(message: string) {
    super('ARTIFACT_SCOPE', message);
  }
}

/** Another process is writing this run. */
export class RunLockedError extends CrystallizeError {
  constructor(message: string) {
    super('RUN_LOCKED', message);
  }
}

/** A value has no exact form to be stored or hashed in. */
export class UnsupportedValueError extends CrystallizeError {
  /** Where in the value, such as `$.items[2].callback`. */
  readonly path: string;

  constructor(path: string, found: string, advice: string) {
    super('VALUE_UNSUPPORTED', `At ${path}: ${found}. ${advice}`);
    this.path = path;
  }
}

/** A name that can't be stored safely. */
export class UnsafeNameError extends CrystallizeError {
  constructor(message: string) {
    super('NAME_UNSAFE', message);
  }
}

/** A stored record is damaged, or was written by a newer version. */
export class RecordUnreadableError extends CrystallizeError {
  constructor(message: string, options?: CrystallizeErrorOptions & { readonly newer?: boolean }) {
    super(options?.newer ? 'FORMAT_TOO_NEW' : 'RECORD_UNREADABLE', message, options);
  }
}
