import * as core from '@crystallize/core';
import {
  CrystallizeError,
  type ErrorRecord,
  RecordUnreadableError,
  recordError,
  reviveError,
  StorageError,
} from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { experimentOf } from './support/experiments.ts';

// A second copy of the package, as two versions of it in one program would be.
const copy = (await import('../src/errors/run-errors.ts?copy=2' as string)) as typeof core;
const copiedBase = (await import('../src/errors/crystallize-error.ts?copy=2' as string)) as typeof core;

const made: readonly CrystallizeError[] = [
  new core.ExperimentInvalidError('It', ['wrong.']),
  new core.GraphInvalidError('m'),
  new core.ContextMutationError('k', 'step'),
  new core.MissingParamError('s', 'p'),
  new core.UnknownParamError('s', 'p', []),
  new core.MissingMetricError('m', 'here', []),
  new core.CellFailedError({ replicate: 0, condition: 'c' }, 's', new Error('why')),
  new core.CellTimeoutError(5),
  new core.ExperimentNotRebuiltError('e', 'why.'),
  new core.WorkerMismatchError('e', ['It changed.'], false),
  new core.WorkerDiedError('it was killed'),
  new core.UpstreamFailedError({ experiment: 'e', replicate: 0, condition: 'c' }, 'why'),
  new core.ReplicateMismatchError('m'),
  new core.TreatmentMissingError('m'),
  new core.ResumeUnsupportedError('m'),
  new core.ResumeMismatchError('e', 0, [{ kind: 'code', message: 'It changed.' }]),
  new core.PluginError('p', 'beforeRun', new Error('why')),
  new core.StorageError('m'),
  new core.ArtifactNotFoundError('m'),
  new core.CorruptArtifactError('m'),
  new core.ArtifactConflictError('a', 's'),
  new core.ArtifactScopeError('m'),
  new core.RunLockedError('m'),
  new core.UnsupportedValueError('$', 'found', 'advice'),
  new core.UnsafeNameError('m'),
  new core.InvalidArgumentError('m'),
  new core.RecordUnreadableError('m'),
];

test.each(made.map((error) => [error.constructor.name, error] as const))(
  '%s extends CrystallizeError, with its name and a code of its own',
  (name, error) => {
    expect(error).toBeInstanceOf(CrystallizeError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(error.code).toMatch(/^[A-Z_]+$/);
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(Object.keys(error)).not.toContain('name');
  },
);

test('every error class of the package is tried here, and each has its own code', () => {
  const classes = Object.entries(core).flatMap(([name, value]) =>
    name.endsWith('Error') &&
    name !== 'CrystallizeError' &&
    typeof value === 'function' &&
    /^[A-Z]/.test(name)
      ? [name]
      : [],
  );
  expect(made.map((error) => error.name).sort()).toEqual(classes.sort());
  expect(new Set(made.map((error) => error.code)).size).toBe(made.length);
});

test('instanceof knows the errors of another copy of the package, and tells their classes apart', () => {
  const theirs = new copy.CellTimeoutError(5);
  expect(copy.CellTimeoutError).not.toBe(core.CellTimeoutError);
  expect(theirs instanceof core.CellTimeoutError).toBe(true);
  expect(theirs instanceof CrystallizeError).toBe(true);
  expect(theirs instanceof core.ContextMutationError).toBe(false);
  expect(new core.CellTimeoutError(5) instanceof copiedBase.CrystallizeError).toBe(true);
  for (const other of [
    new Error('CrystallizeError'),
    { name: 'CellTimeoutError' },
    null,
    5,
    'CellTimeoutError',
  ]) {
    expect((other as unknown) instanceof core.CellTimeoutError).toBe(false);
  }
});

test('a class that extends one of ours is known as both', () => {
  class TrackerError extends StorageError {}
  const error = new TrackerError('gone');
  expect([
    error instanceof TrackerError,
    error instanceof StorageError,
    error instanceof CrystallizeError,
  ]).toEqual([true, true, true]);
  expect(new StorageError('gone') instanceof TrackerError).toBe(false);
});

test('recordError and reviveError keep name, message, code, stack, cause, fields and class', () => {
  for (const error of made) {
    const back = reviveError(JSON.parse(JSON.stringify(recordError(error))) as ErrorRecord);
    expect(back).toBeInstanceOf(Error);
    expect(back).toBeInstanceOf(error.constructor as typeof Error);
    expect([back.name, back.message, back.stack]).toEqual([error.name, error.message, error.stack]);
    expect((back as CrystallizeError).code).toBe(error.code);
    expect(recordError(back)).toEqual(recordError(error));
  }
});

test('any error survives being recorded twice, whatever it holds', () => {
  const field = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.object());
  const error = fc
    .tuple(
      fc.string(),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        field,
      ),
      fc.option(fc.anything()),
    )
    .map(([message, fields, cause]) =>
      Object.defineProperties(new TypeError(message, { cause }), Object.getOwnPropertyDescriptors(fields)),
    );
  fc.assert(
    fc.property(error, (thrown) => {
      const record = recordError(thrown);
      expect(recordError(reviveError(record))).toEqual(record);
    }),
  );
});

test('a chain of causes that loops ends', () => {
  const error = new Error('loop');
  error.cause = error;
  let depth = 0;
  for (let record: ErrorRecord | undefined = recordError(error); record; record = record.cause) depth++;
  expect(depth).toBeLessThan(20);
});

test('what is thrown need not be an error', () => {
  expect(recordError('text')).toEqual({ name: 'Thrown', message: 'text' });
  expect(recordError({ a: 1 })).toEqual({ name: 'Thrown', message: '{"a":1}' });
  expect(recordError(undefined).message).toBe('undefined');
});

test('secrets are taken out of message, stack, cause and fields, and credentials by their key', () => {
  const error = Object.assign(new Error('a KEY b', { cause: 'KEY' }), {
    url: 'https://KEY@host',
    password: 'short',
    tries: 3,
  });
  const record = recordError(error, (text) => text.replaceAll('KEY', '…'));
  expect(JSON.stringify(record)).not.toMatch(/KEY|short/);
  expect(record.fields).toMatchObject({ tries: 3, url: 'https://…@host' });
});

test('a StorageError keeps the code that it is given, a record of a newer format its own', () => {
  expect(new StorageError('m', { code: 'OBJECT_EXISTS' }).code).toBe('OBJECT_EXISTS');
  expect(new RecordUnreadableError('m', { newer: true }).code).toBe('FORMAT_TOO_NEW');
});

test('an artifact of another copy of the package finds the step that is running', async () => {
  const other = (await import('../src/artifact/artifact.ts?copy=2' as string)) as typeof core;
  const result = await experimentOf(() => new other.Artifact('theirs').write('x')).run();
  expect(result.artifacts.map((file) => file.name)).toEqual(['theirs']);
});
