import { WorkerDiedError } from '@crystallize/core';
import { expect, test, vi } from 'vitest';
import { WorkerEnd } from '../../src/worker/worker-end.ts';

const rejectedWith = (error: Error): WorkerEnd => {
  const end = new WorkerEnd();
  end.rejected(error);
  return end;
};

// To run out of memory for real takes gigabytes, or takes the whole process with it.
test.each<[string, WorkerEnd, RegExp]>([
  [
    'no memory',
    rejectedWith(Object.assign(new Error('Worker terminated'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })),
    /it ran out of memory in the step 'fit'\.$/,
  ],
  [
    'a killed process',
    rejectedWith(new Error('Worker exited unexpectedly')),
    /its process was killed, or crashed in the step 'fit'\.$/,
  ],
  [
    'a silent thread',
    rejectedWith(new DOMException('The task has been aborted', 'AbortError')),
    /its thread ended without a word in the step 'fit'\.$/,
  ],
  ['anything else', rejectedWith(new Error('Odd.')), /cell did: Odd in the step 'fit'\.$/],
  ['nothing at all', new WorkerEnd(), /Nothing is known of why in the step 'fit'\.$/],
])('what is known of how a worker ended is told: %s', (_name, end, message) => {
  const error = end.error('fit');
  expect(error).toBeInstanceOf(WorkerDiedError);
  expect(error.message).toMatch(message);
});

test('a worker that was ended on purpose failed its cell for that purpose, and was lost all the same', () => {
  const end = rejectedWith(new Error('Worker exited unexpectedly'));
  const reason = new Error('too late');
  end.because(reason);
  expect(end.error('fit')).toBe(reason);
  expect(end.lost('fit')).toBeInstanceOf(WorkerDiedError);
});

test('a thread that is gone is given up, unless its task ends in the meantime', () => {
  vi.useFakeTimers();
  try {
    const [silent, ended] = [new WorkerEnd(), new WorkerEnd()];
    const given: string[] = [];
    silent.noticeGone(() => given.push('silent'));
    ended.noticeGone(() => given.push('ended'));
    ended.over();
    vi.runAllTimers();
    expect(given).toEqual(['silent']);
  } finally {
    vi.useRealTimers();
  }
});
