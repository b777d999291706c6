import { CrystallizeError, type ErrorCode, type RunEvent, StorageError } from '@crystallize/core';
import { expectTypeOf, test } from 'vitest';

declare module '@crystallize/core' {
  interface ErrorCodes {
    TRACKER_UNREACHABLE: true;
  }
}

test('the codes are a closed union that plugins extend by augmentation', () => {
  expectTypeOf<'STORAGE_FAILED'>().toExtend<ErrorCode>();
  expectTypeOf<'TRACKER_UNREACHABLE'>().toExtend<ErrorCode>();
  new CrystallizeError('TRACKER_UNREACHABLE', 'gone');
  new StorageError('gone', { code: 'TRACKER_UNREACHABLE' });
  // @ts-expect-error nobody has declared it
  new CrystallizeError('NOBODY_KNOWS', 'gone');
  expectTypeOf<'NOBODY_KNOWS'>().not.toExtend<ErrorCode>();
});

test('events are told apart by their type', () => {
  const hear = (event: RunEvent) => {
    if (event.type === 'cell:end') expectTypeOf(event.ended).toEqualTypeOf<number>();
    if (event.type === 'run:end') expectTypeOf(event.status).toEqualTypeOf<'done' | 'failed' | 'aborted'>();
    // @ts-expect-error no such event
    if (event.type === 'cell:begin') return;
  };
  expectTypeOf(hear).toBeFunction();
});
