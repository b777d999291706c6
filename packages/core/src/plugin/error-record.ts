import { isCredentialKey } from '../context/redactor.ts';
import { REDACTED } from '../context/secret.ts';
import { CrystallizeError, classesOf, type ErrorCode, recogniseAs } from '../errors/crystallize-error.ts';
import { messageOf } from '../errors/message-of.ts';
import type { ErrorRecord } from './records.ts';

export { messageOf } from '../errors/message-of.ts';

/** Deep enough for real chains of causes, and an end to those that loop. */
const DEPTH = 8;

/** Fields of errors that are recorded by themselves. */
const KNOWN = new Set(['name', 'message', 'stack', 'cause', 'code']);

/**
 * An error, or whatever was thrown, as plain data that can be stored and sent.
 *
 * @param clean - Takes secrets out of each text.
 */
export function recordError(
  error: unknown,
  clean: (text: string) => string = (text) => text,
  depth = 0,
): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'Thrown', message: clean(messageOf(error)) };
  const { stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const fields = plainFields(error, clean);
  const classes = classesOf(error);
  return {
    name: String(error.name),
    message: clean(messageOf(error)),
    ...(code === undefined ? {} : { code }),
    ...(typeof stack === 'string' ? { stack: clean(stack) } : {}),
    ...(cause === undefined || depth >= DEPTH ? {} : { cause: recordError(cause, clean, depth + 1) }),
    ...(classes ? { classes } : {}),
    ...(fields ? { fields } : {}),
  };
}

/**
 * The error that a record tells of, with its name, code, cause and fields. Of the classes, those of
 * Crystallize are known again by `instanceof`; others are not.
 */
export function reviveError(record: ErrorRecord): Error {
  const options = record.cause ? { cause: reviveError(record.cause) } : undefined;
  const error = new Error(record.message, options);
  // Not the stack of this place, which says nothing of where it was thrown.
  Object.defineProperty(error, 'stack', { value: record.stack, writable: true, configurable: true });
  if (record.classes) recogniseAs(error, record.classes);
  const own = { name: record.name, ...(record.code === undefined ? {} : { code: record.code as ErrorCode }) };
  return Object.assign(error, record.fields, own);
}

/** @internal Whatever was thrown, as an error. */
export function asError(error: unknown): Error {
  return error instanceof Error
    ? error
    : new CrystallizeError('CELL_FAILED', `${messageOf(error)} was thrown.`, { cause: error });
}

function plainFields(error: Error, clean: (text: string) => string): Record<string, unknown> | undefined {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (KNOWN.has(key)) continue;
    if (typeof value === 'string') fields[key] = isCredentialKey(key) ? REDACTED : clean(value);
    else if (typeof value === 'number' || typeof value === 'boolean') fields[key] = value;
  }
  return Object.keys(fields).length > 0 ? fields : undefined;
}
