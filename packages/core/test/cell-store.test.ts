import type { CellRecord } from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replicateSeed } from '../src/context/seed.ts';
import { CellStore } from '../src/result/cell-store.ts';

/** A record with so many metrics and steps; some of its neighbours differ in their status or params alone. */
function recordOf(replicate: number, metrics: number, steps: number): CellRecord {
  return {
    replicate,
    condition: 'baseline',
    seed: replicateSeed(7, replicate),
    status: replicate % 4 === 3 ? 'failed' : 'done',
    metrics: Array.from({ length: metrics }, (_, index) => ({
      metric: `m${index}`,
      value: index % 2 === 0 ? replicate + index / 8 : { replicate },
      step: 's',
    })),
    artifacts: steps === 3 ? [{ step: 's', name: 'a', size: 1, sha256: 'x' }] : [],
    steps: Array.from({ length: steps }, (_, index) => ({
      step: `s${index}`,
      params: { k: replicate % 8 < 4 ? 1 : 2 },
      read: {},
      wrote: {},
      cached: false,
      duration: replicate + index / 4,
    })),
    inputs: [],
    startedAt: 1000 + replicate,
    duration: replicate / 2,
    attempts: 1,
  };
}

const cell = fc.record({ metrics: fc.nat({ max: 2 }), steps: fc.nat({ max: 3 }) });

test('records come out as they went in, in replicate order, whatever the order in which they ended', () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (cells, keys) => {
      const records = cells.map(({ metrics, steps }, replicate) => recordOf(replicate, metrics, steps));
      const order = records.map((record) => ({ record, key: keys.next().value as number }));
      const store = new CellStore(7, ['baseline']);
      for (const { record } of order.sort((a, b) => a.key - b.key)) store.add(record);
      expect([...store.records('baseline')]).toEqual(records);
    }),
  );
});

test('ten thousand cells of uneven length keep their values across every boundary of the columns', () => {
  const records = Array.from({ length: 10_000 }, (_, replicate) =>
    recordOf(replicate, Math.floor(replicate / 50) % 5, Math.floor(replicate / 70) % 7),
  );
  const store = new CellStore(7, ['baseline']);
  for (const record of records.toReversed()) store.add(record);
  for (const [replicate, record] of records.entries()) {
    expect(store.has('baseline', replicate)).toBe(true);
    expect(store.record('baseline', replicate)).toEqual(record);
  }
  expect(store.has('baseline', records.length)).toBe(false);
});
