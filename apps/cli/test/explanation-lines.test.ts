import type { Explanation, PlannedCell } from '@crystallize/core';
import { describe, expect, test } from 'vitest';
import { explanationLines } from '../src/summary/explanation-lines.ts';
import { noPaint } from '../src/text/paint.ts';
import { widthOf } from '../src/text/width.ts';

function explanation(cells: readonly PlannedCell[], more: Partial<Explanation> = {}): Explanation {
  const conditions = [...new Set(cells.map(({ condition }) => condition))];
  return {
    experiment: { id: 'e'.repeat(64), name: 'penguins', directory: 'penguins' } as Explanation['experiment'],
    version: 3,
    seed: 42,
    replicates: cells.length / conditions.length,
    conditions,
    cells,
    restored: cells.filter(({ action }) => action === 'restore').length,
    missing: cells.filter(({ action }) => action === 'run').length,
    differences: [],
    notes: [],
    [Symbol.iterator]: () => cells[Symbol.iterator](),
    ...more,
  };
}

function cells(condition: string, ...reasons: readonly string[]): readonly PlannedCell[] {
  return reasons.map((reason, replicate) => ({
    replicate,
    condition,
    action: reason.startsWith('done') ? 'restore' : 'run',
    reason,
  }));
}

function shown(given: Explanation, options: { width?: number; verbose?: boolean } = {}): string {
  const { width = 80, verbose = false } = options;
  return explanationLines(given, { width, paint: noPaint, verbose }).join('\n');
}

describe('an explanation', () => {
  test('has a line for each condition, with counts and reasons, the most frequent first', () => {
    const given = explanation([
      ...cells('baseline', 'done in v3', 'it failed: k is too large', 'never ran', 'never ran'),
      ...cells('k=1', 'done in v3', 'done in v3', 'done in v3', 'done in v3'),
    ]);
    expect(shown(given)).toBe(
      [
        'penguins: v3 goes on, seed 42',
        '',
        '  baseline  4 cells: 1 restored (done in v3), 3 to run: 2 never ran, 1 failed (k',
        '            is too large)',
        '  k=1       4 cells: 4 restored (done in v3)',
        '',
        '  8 cells (2 conditions × 4 replicates): 5 restored, 3 to run',
      ].join('\n'),
    );
  });

  test('counts the reasons that it does not show, and shows each under --verbose', () => {
    const given = explanation(
      cells('baseline', ...Array.from({ length: 9 }, (_, n) => `it failed: message ${n}`)),
    );
    expect(shown(given)).toContain('5 for 5 other reasons');
    expect(shown(given)).not.toContain('message 7');
    expect(shown(given, { verbose: true })).toContain('baseline #7  to run: it failed: message 7');
  });

  test('says of differences how they are accepted, and which are, and has no control sequences', () => {
    const text = shown(
      explanation(cells('baseline', 'it failed: \x1b[31mred\x1b[0m'), {
        differences: [
          { kind: 'code', message: "The step 'fit' has changed.", accepted: false },
          { kind: 'seed', message: 'The seed was 1 and is 2.', accepted: true },
        ],
        notes: ['The import of ./x.ts is computed.'],
      }),
    );
    expect(text).toContain(
      "differences\n  - The step 'fit' has changed. (--accept code)\n  - The seed was 1 and is 2. (accepted: seed)",
    );
    expect(text).toContain('notes\n  - The import of ./x.ts is computed.');
    expect(text).toContain('failed (red)');
  });

  test('says that a new run begins where nothing is stored, and that a store without versions goes on', () => {
    const unknown = { version: undefined, seed: undefined };
    expect(shown(explanation(cells('baseline', 'never ran'), unknown))).toContain(
      'penguins: nothing is stored: a new run begins',
    );
    expect(shown(explanation(cells('baseline', 'done'), unknown))).toContain(
      'penguins: what is stored goes on\n',
    );
  });

  test('fits its width, whatever the names', () => {
    const long = 'weights=distance,metric=euclidean,neighbours=15,leaf_size=30';
    const given = explanation(
      [...cells('baseline', `it failed: ${'long '.repeat(60)}`), ...cells(long, 'never ran')],
      { differences: [{ kind: 'code', message: 'word '.repeat(40).trim(), accepted: false }] },
    );
    for (const width of [80, 60, 30])
      for (const verbose of [true, false])
        for (const line of shown(given, { width, verbose }).split('\n'))
          expect(widthOf(line), line).toBeLessThanOrEqual(width);
  });
});
