// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control sequences are what it is about
import { stripVTControlCharacters } from 'node:util';
import type { CellRecord, ExperimentInfo, RunEvent } from '@crystallize/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barLine } from '../src/progress/bar-line.ts';
import { bars } from '../src/progress/bars.ts';
import { EventNotes } from '../src/progress/event-notes.ts';
import { LiveRegion } from '../src/progress/live-region.ts';
import { PlainProgress } from '../src/progress/plain-progress.ts';
import { Progress, type RunProgress, remainingTime, waitingRun } from '../src/progress/run-progress.ts';
import { colourPaint, noPaint } from '../src/text/paint.ts';
import { widthOf } from '../src/text/width.ts';
import { Screen } from './helpers/screen.ts';

const experiment: ExperimentInfo = {
  name: 'penguins',
  id: 'x',
  directory: 'penguins',
  steps: ['fit'],
  outputs: [],
};

function start(cells: number, restored = 0): RunEvent {
  return {
    type: 'run:start',
    experiment,
    replicates: cells / 2,
    conditions: ['baseline', 'k=15'],
    cells,
    restored,
    seed: 42,
    dir: '/runs/v0',
  };
}

function spec(index: number) {
  return { replicate: Math.floor(index / 2), condition: index % 2 === 0 ? 'baseline' : 'k=15', seed: 42 };
}

function end(index: number, cells: number, message?: string): RunEvent {
  const cell: CellRecord = {
    ...spec(index),
    status: message === undefined ? 'done' : 'failed',
    metrics: [],
    artifacts: [],
    steps: [],
    inputs: [],
    startedAt: 0,
    duration: 1,
    attempts: 1,
    ...(message === undefined ? {} : { error: { name: 'Error', message }, failedStep: 'fit' }),
  };
  return { type: 'cell:end', cell, ended: index + 1, cells };
}

function progressAfter(events: readonly (readonly [at: number, event: RunEvent])[]): RunProgress {
  const progress = new Progress(['penguins']);
  for (const [at, event] of events) progress.take(event, experiment, at);
  return progress.of('penguins');
}

describe('progress', () => {
  test('counts cells that ended and failed, and knows which are under way', () => {
    const run = progressAfter([
      [0, start(8)],
      [0, { type: 'cell:start', cell: spec(0) }],
      [900, end(0, 8)],
      [900, { type: 'cell:start', cell: spec(1) }],
      [1000, { type: 'step:start', cell: spec(1), step: 'fit' }],
      [2000, end(1, 8, 'no')],
      [2000, { type: 'cell:start', cell: spec(2) }],
    ]);
    expect(run).toMatchObject({ state: 'running', ended: 2, failed: 1, cells: 8, dir: '/runs/v0' });
    expect([...run.underWay.values()]).toEqual([{ cell: spec(2) }]);
    expect(remainingTime(run, 2000)).toBe(6000);
  });

  test('leaves restored cells out of the rate', () => {
    const run = progressAfter([
      [0, start(100, 98)],
      [1000, { ...end(0, 100), ended: 99 } as RunEvent],
    ]);
    expect(remainingTime(run, 1000)).toBe(1000);
  });

  test('keeps the runs of a graph apart', () => {
    const other = { ...experiment, name: 'other', directory: 'other' };
    const progress = new Progress(['penguins', 'other']);
    progress.take(start(8), experiment, 0);
    progress.take(start(2), other, 0);
    progress.take(end(0, 2), other, 1);
    expect(progress.runs.map(({ name, ended, cells }) => [name, ended, cells])).toEqual([
      ['penguins', 0, 8],
      ['other', 1, 2],
    ]);
  });
});

describe('a bar', () => {
  const run = progressAfter([
    [0, start(60)],
    [3000, { ...end(23, 60, 'no') } as RunEvent],
    [2900, { type: 'cell:start', cell: spec(24) }],
    [3000, { type: 'step:start', cell: spec(24), step: 'fit' }],
  ]);

  test('shows cells, failures, rate, remaining time and the current cell', () => {
    expect(barLine(run, { width: 99, nameWidth: 8, now: 3000, paint: noPaint })).toBe(
      'penguins  ━━━━━━━━━───────────────  24/60  1 failed  8.0/s  4.5 s left  baseline #12 fit',
    );
  });

  test('shows restored cells from the start', () => {
    const resumed = progressAfter([[0, start(60, 38)]]);
    expect(barLine(resumed, { width: 99, nameWidth: 8, now: 0, paint: noPaint })).toBe(
      'penguins  ━━━━━━━━━━━━━━━─────────  38/60  38 restored',
    );
  });

  test('is never wider than its space, whatever the names and counts', () => {
    const anyRun = fc.record({
      name: fc.string({ unit: 'grapheme' }),
      ended: fc.nat(60),
      failed: fc.nat(1e6),
      restored: fc.nat(1e6),
      state: fc.constantFrom('waiting', 'running', 'done', 'failed', 'aborted'),
    });
    fc.assert(
      fc.property(
        anyRun,
        fc.integer({ min: 1, max: 200 }),
        fc.string({ unit: 'grapheme' }),
        (part, width, condition) => {
          const underWay = new Map([['x', { cell: { ...spec(0), condition }, step: 'fit' }]]);
          const line = barLine({ ...run, ...part, underWay } as RunProgress, {
            width,
            nameWidth: 20,
            now: 9000,
            paint: colourPaint,
          });
          expect(widthOf(stripVTControlCharacters(line))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('is full only when every cell has ended', () => {
    const almost = { ...run, ended: 59_999, cells: 60_000, underWay: new Map() };
    expect(barLine(almost, { width: 80, nameWidth: 8, now: 3000, paint: noPaint })).toContain(
      '━─  59,999/60,000',
    );
  });

  test('gives way to those of runs that go on, where there are more than rows', () => {
    const many = Array.from({ length: 9 }, (_, index) => waitingRun(`e${index}`));
    const lines = bars([...many, run], { columns: 80, rows: 6 }, 3000, noPaint);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain('penguins');
    expect(lines.at(-1)).toBe('and 7 more experiments');
  });
});

describe('lines in a log', () => {
  test('are few for thousands of cells, however fast or slow they come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (total) => {
        const plain = new PlainProgress();
        const progress = new Progress(['penguins']);
        const cells = 2000;
        const lines = [plain.line(progress.take(start(cells), experiment, 0), 'run:start', 0)];
        for (let index = 0; index < cells; index++) {
          const at = (index / cells) * total;
          lines.push(plain.line(progress.take(end(index, cells), experiment, at), 'cell:end', at));
        }
        expect(lines.filter((line) => line !== undefined).length).toBeLessThanOrEqual(
          1 + 10 + total / 30_000,
        );
      }),
      { numRuns: 20 },
    );
  });

  test('say how far it is and how long it takes', () => {
    const plain = new PlainProgress();
    const progress = new Progress(['penguins']);
    expect(plain.line(progress.take(start(4), experiment, 0), 'run:start', 0)).toBe(
      'penguins: 4 cells (2 conditions × 2 replicates), seed 42',
    );
    expect(plain.line(progress.take(end(0, 4, 'no'), experiment, 5000), 'cell:end', 5000)).toBe(
      'penguins: 1 of 4 cells, 1 failed, 15 s left',
    );
  });
});

describe('the live region', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 1, maxLength: 20 });

  test('keeps what passes above, in order, and only the last lines below', () => {
    const draws = fc.array(fc.tuple(fc.array(line, { maxLength: 4 }), fc.array(line, { maxLength: 3 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(draws, (all) => {
        const screen = new Screen(80);
        const region = new LiveRegion(screen);
        for (const [lines, above] of all) region.draw(lines, above.map((text) => `${text}\n`).join(''));
        expect(screen.cursorHidden).toBe(true);
        region.close();
        const expected = [...all.flatMap(([, above]) => above), ...(all.at(-1)?.[0] ?? [])];
        expect(screen.lines).toEqual(
          expected
            .join('\n')
            .trimEnd()
            .split('\n')
            .map((text) => text.trimEnd()),
        );
        expect(screen.cursorHidden).toBe(false);
      }),
    );
  });

  test('finds its first line again on a terminal that became narrower', () => {
    const screen = new Screen(40);
    const region = new LiveRegion(screen);
    region.draw(['x'.repeat(30)]);
    const written: string[] = [];
    const narrow = new LiveRegion({ columns: 20, write: (text) => written.push(text) });
    narrow.draw(['x'.repeat(30), 'short']);
    narrow.draw(['short']);
    expect(written.at(-1)).toMatch(/^\r\x1b\[3A/);
  });
});

describe('notes', () => {
  const notes = () => new EventNotes(noPaint, { named: false, verbose: false });

  test('tell a kind of failure once', () => {
    const told = notes();
    expect(told.of(end(0, 8, 'x'.repeat(9999)), experiment)?.length).toBeLessThan(300);
    const lines = [0, 1, 2].map((index) =>
      told.of(end(index, 8, index === 2 ? 'other' : 'same'), experiment),
    );
    expect(lines).toEqual(['failed: [baseline #0 fit] same', undefined, 'failed: [baseline #1 fit] other']);
  });

  test('show log lines with their data, without control sequences, and hide debug lines', () => {
    const told = notes();
    const log = {
      type: 'log',
      message: '\x1b[2Jloaded',
      data: { rows: 3 },
      cell: spec(1),
      step: 'fit',
    } as const;
    expect(told.of({ ...log, level: 'warn' }, experiment)).toBe('[k=15 #0 fit] warn: loaded { rows: 3 }');
    expect(told.of({ ...log, level: 'debug' }, experiment)).toBeUndefined();
  });
});
