import { describe, expect, test } from 'vitest';
import { type RunProgress, waitingRun } from '../src/progress/run-progress.ts';
import { stoppedLines } from '../src/summary/stopped-lines.ts';

/** A run of six cells that has gone on for two seconds. */
const stopped = (more: Partial<RunProgress>): RunProgress => ({
  ...waitingRun('penguins'),
  state: 'aborted',
  cells: 6,
  startedAt: 1000,
  endedAt: 3000,
  ...more,
});

describe('a run that was stopped', () => {
  const place = { version: 0, dir: '/data/penguins/v0' };

  test.each([
    [
      'after some cells',
      { ...place, ended: 2 },
      /2 of 6 cells ended, in .*; stored in \/data\/penguins\/v0$/,
    ],
    ['after cells that have failed', { ...place, ended: 1, failed: 1 }, /stored in \/data\/penguins\/v0$/],
    ['after it was restored', { ...place, ended: 3, restored: 3 }, /stored in \/data\/penguins\/v0$/],
    ['in a store without folders', { version: 4, ended: 2 }, /stored as version 4$/],
    // The older run of an unversioned experiment stays in v0 until the first cell of the new one is safe.
    [
      'before its first cell was safe',
      { ...place, ended: 0 },
      /0 of 6 cells ended, in .*; nothing of it is stored$/,
    ],
    ['before that in a store without folders', { version: 4, ended: 0 }, /; nothing of it is stored$/],
    ['that nothing stores', { ended: 0 }, /; not stored: the experiment has no plugin that stores runs$/],
  ])('%s says what of it is stored', (_when, more, line) => {
    expect(stoppedLines([stopped(more)], 9000)).toEqual([expect.stringMatching(line)]);
  });
});
