import { isPlainObject } from '../context/freeze.ts';
import { isCredentialKey } from '../context/redactor.ts';
import { REDACTED } from '../context/secret.ts';
import { CrystallizeError, classesOf, type ErrorCode } from '../errors/crystallize-error.ts';
import { giveClasses, namesOfClasses } from '../errors/error-classes.ts';
import { messageOf } from '../errors/message-of.ts';
import { recordedStack } from '../errors/stack-text.ts';
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
  const classes = classesOf(error) ?? namesOfClasses(error);
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

/** @internal The record of what was thrown in a cell: the same in whichever process it was thrown. */
export function recordCellError(error: unknown, clean: (text: string) => string): ErrorRecord {
  return withRecordedStack(recordError(error, clean));
}

function withRecordedStack({ stack, cause, ...record }: ErrorRecord): ErrorRecord {
  return {
    ...record,
    ...(stack === undefined ? {} : { stack: recordedStack(stack) }),
    ...(cause ? { cause: withRecordedStack(cause) } : {}),
  };
}

/**
 * The error that a record tells of, with its name, code, cause and fields. Of the classes, those of
 * Crystallize and of JavaScript are known again by `instanceof`; of others only the names.
 */
export function reviveError(record: ErrorRecord): Error {
  const options = record.cause ? { cause: reviveError(record.cause) } : undefined;
  const error = new Error(record.message, options);
  if (record.classes) giveClasses(error, record.classes);
  // Not the stack of this place, which says nothing of where it was thrown.
  Object.defineProperty(error, 'stack', { value: record.stack, writable: true, configurable: true });
  // Not enumerable, as with most errors: it would be printed twice.
  Object.defineProperty(error, 'name', { value: record.name, writable: true, configurable: true });
  const code = record.code === undefined ? {} : { code: record.code as ErrorCode };
  return Object.assign(error, record.fields, code);
}

/** @internal Whatever was thrown, as an error. */
export function asError(error: unknown): Error {
  return error instanceof Error
    ? error
    : new CrystallizeError('CELL_FAILED', `${messageOf(error)} was thrown.`, { cause: error });
}

function plainFields(error: Error, clean: (text: string) => string): Record<string, unknown> | undefined {
  const ours = classesOf(error) !== undefined;
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (KNOWN.has(key)) continue;
    const value = readField(error, key);
    if (isScalar(value)) fields[key] = plainScalar(key, value, clean);
    // Lists of what is wrong. Those of other errors may hold anything, such as a whole request.
    else if (ours && Array.isArray(value)) fields[key] = value.flatMap((item) => plainItem(item, clean));
  }
  return Object.keys(fields).length > 0 ? fields : undefined;
}

/** A field may be a getter, which may throw: an error must not be lost to that. */
function readField(error: Error, key: string): unknown {
  try {
    return (error as Error & Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function plainItem(item: unknown, clean: (text: string) => string): unknown[] {
  if (isScalar(item)) return [plainScalar('', item, clean)];
  if (!isPlainObject(item)) return [];
  const entries = Object.entries(item).filter(([, value]) => isScalar(value));
  return [Object.fromEntries(entries.map(([key, value]) => [key, plainScalar(key, value, clean)]))];
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function plainScalar(key: string, value: unknown, clean: (text: string) => string): unknown {
  if (typeof value !== 'string') return value;
  return isCredentialKey(key) ? REDACTED : clean(value);
}
