import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordUnreadableError } from '../../src/errors/storage-errors.ts';
import type { CellRecord } from '../../src/plugin/records.ts';
import { CellLogEncoder } from '../../src/storage/cell-log.ts';
import { type CellLogs, readCellLogs } from '../../src/storage/cell-log-reader.ts';
import { encodeLine } from '../../src/storage/log-line.ts';
import { anyCell, cellOf, sessionOf } from './cell-records.ts';

const logOf = (cells: readonly CellRecord[], session = sessionOf(0)): Buffer => {
  const encoder = new CellLogEncoder();
  return Buffer.concat([encoder.session(session), ...cells.map((cell) => encoder.cell(cell).bytes)]);
};
const recordsOf = (logs: CellLogs): readonly CellRecord[] => logs.cells.map(({ record }) => record);

describe('a log of cells', () => {
  it('gives back every record as it was', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 12 }), (cells) => {
        const newest = new Map(cells.map((cell) => [`${cell.replicate}/${cell.condition}`, cell]));
        const read = recordsOf(readCellLogs([logOf(cells)]));
        const byCell = new Map(read.map((cell) => [`${cell.replicate}/${cell.condition}`, cell]));
        expect(read.map((cell) => cell.replicate)).toEqual(
          read.map((cell) => cell.replicate).sort((a, b) => a - b),
        );
        expect(byCell).toEqual(newest);
      }),
      { numRuns: 300 },
    );
  });

  it('gives back what the session is and how it ended', () => {
    const encoder = new CellLogEncoder();
    const start = sessionOf(0, { accepted: ['code'], adopted: ['half'] });
    const end = { status: 'failed', endedAt: 5, warnings: ['careful'] } as const;
    const logs = readCellLogs([Buffer.concat([encoder.session(start), encoder.end(end)])]);
    expect(logs.sessions).toEqual([{ type: 'session', format: 1, ...start }]);
    expect(logs.ended).toEqual({ type: 'end', ...end });
    expect(readCellLogs([logOf([cellOf(0)])]).ended).toBeUndefined();
  });

  it('orders cells by replicate, then as the newest session has its conditions', () => {
    const first = logOf([cellOf(1, 'k=1'), cellOf(0, 'k=1'), cellOf(0)]);
    const second = logOf(
      [cellOf(0, 'k=9')],
      sessionOf(1, { conditions: ['baseline', 'k=9'], follows: [first.length] }),
    );
    const logs = readCellLogs([first, second]);
    expect(logs.conditions).toEqual(['baseline', 'k=9', 'k=1']);
    expect(logs.cells.map(({ record, session }) => [record.replicate, record.condition, session])).toEqual([
      [0, 'baseline', 0],
      [0, 'k=9', 1],
      [0, 'k=1', 0],
      [1, 'k=1', 0],
    ]);
  });

  it('takes about 250 bytes for a cell of three steps and one metric', () => {
    const encoder = new CellLogEncoder();
    encoder.cell(cellOf(0));
    const { bytes } = encoder.cell(
      cellOf(1, 'baseline', {
        metrics: [{ metric: 'accuracy', value: Math.PI / 10, step: 'fit' }],
      }),
    );
    expect(bytes.length).toBeLessThan(250);
  });

  it('writes what a step read and wrote anew as soon as it differs, however deep', () => {
    const steps = (list: readonly number[]) => [
      { step: 's', params: {}, read: { list }, wrote: { z: -0 }, cached: false, duration: 0 },
    ];
    const shared = [1];
    const first = cellOf(0, 'baseline', { steps: steps(shared) });
    const encoder = new CellLogEncoder();
    const parts = [encoder.session(sessionOf(0)), encoder.cell(first).bytes];
    shared.push(2);
    parts.push(encoder.cell(cellOf(1, 'baseline', { steps: steps(shared) })).bytes);
    const [one, two] = recordsOf(readCellLogs([Buffer.concat(parts)]));
    expect(one?.steps[0]?.read).toEqual({ list: [1] });
    expect(two?.steps[0]?.read).toEqual({ list: [1, 2] });
    expect(Object.is(two?.steps[0]?.wrote.z, -0)).toBe(true);
  });

  it('keeps all else of a record when a metric can not be stored, and says why', () => {
    const throwing = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no keys for you');
        },
      },
    );
    const metrics = [
      { metric: 'good', value: 1, step: 'fit' },
      { metric: 'callback', value: { run: () => 1 }, step: 'fit', tags: { fold: 1 } },
      { metric: 'proxy', value: throwing, step: 'fit' },
      { metric: 'nothing', value: undefined, step: 'fit' },
    ];
    const encoder = new CellLogEncoder();
    const { bytes, unstorable } = encoder.cell(cellOf(0, 'baseline', { metrics }));
    expect(unstorable).toMatchObject([
      { metric: 'callback', index: 1 },
      { metric: 'proxy', index: 2 },
    ]);
    expect(unstorable[0]?.reason).toContain('$.run');
    expect(unstorable[1]?.reason).toContain('no keys for you');
    const [cell] = readCellLogs([Buffer.concat([encoder.session(sessionOf(0)), bytes])]).cells;
    expect(cell?.unstorable).toEqual(unstorable);
    expect(cell?.record.metrics.map(({ value }) => value)).toEqual([1, undefined, undefined, undefined]);
    expect(cell?.record.metrics[1]).toEqual({
      metric: 'callback',
      value: undefined,
      step: 'fit',
      tags: { fold: 1 },
    });
  });

  it('describes what can not be stored of params and errors', () => {
    const steps = [
      { step: 's', params: { score: () => 1 }, read: {}, wrote: {}, cached: false, duration: 0 },
    ];
    const error = { name: 'Error', message: 'x', fields: { request: new (class Request {})() } };
    const [cell] = recordsOf(
      readCellLogs([logOf([cellOf(0, 'baseline', { steps, error, status: 'failed', failedStep: 's' })])]),
    );
    expect(cell?.steps[0]?.params.score).toMatch(/^\[not stored: .*function/);
    expect(cell?.error?.fields?.request).toMatch(/^\[not stored: .*Request/);
  });
});

describe('a cell that runs again', () => {
  it('counts with its newest record, and not at all once it is superseded', () => {
    const encoder = new CellLogEncoder();
    const old = cellOf(0, 'k=1', { status: 'failed' });
    const first = Buffer.concat([
      encoder.session(sessionOf(0)),
      encoder.cell(cellOf(0)).bytes,
      encoder.cell(old).bytes,
    ]);
    const again = new CellLogEncoder();
    const superseded = Buffer.concat([
      again.session(sessionOf(1, { follows: [first.length] })),
      again.superseded({ replicate: 0, condition: 'k=1', reason: 'it failed' }),
    ]);
    const between = readCellLogs([first, superseded]);
    expect(recordsOf(between)).toEqual([cellOf(0)]);
    expect(between.superseded).toEqual([
      { type: 'superseded', replicate: 0, condition: 'k=1', reason: 'it failed', session: 1 },
    ]);
    const renewed = Buffer.concat([superseded, again.cell(cellOf(0, 'k=1')).bytes]);
    expect(recordsOf(readCellLogs([first, renewed]))).toEqual([cellOf(0), cellOf(0, 'k=1')]);
  });

  it('is not affected by what a former owner appended after it was taken over', () => {
    const encoder = new CellLogEncoder();
    const counted = Buffer.concat([encoder.session(sessionOf(0)), encoder.cell(cellOf(0)).bytes]);
    const late = Buffer.concat([
      counted,
      encoder.cell(cellOf(0, 'baseline', { duration: 99 })).bytes,
      encoder.cell(cellOf(1)).bytes,
    ]);
    const second = logOf([cellOf(2)], sessionOf(1, { follows: [counted.length] }));
    const logs = readCellLogs([late, second]);
    expect(recordsOf(logs)).toEqual([cellOf(0), cellOf(2)]);
    expect(logs.lengths).toEqual([counted.length, second.length]);
  });

  it('is not affected by damage to what a former owner appended', () => {
    const first = logOf([cellOf(0)]);
    const damaged = Buffer.concat([first, Buffer.from('garbage'), encodeLine({ type: 'unknown' })]);
    const second = logOf([cellOf(1)], sessionOf(1, { follows: [first.length] }));
    expect(recordsOf(readCellLogs([damaged, second]))).toEqual([cellOf(0), cellOf(1)]);
    expect(() => readCellLogs([damaged])).toThrow(RecordUnreadableError);
  });

  it('is refused when an earlier log has lost what counted', () => {
    const first = logOf([cellOf(0), cellOf(1)]);
    const second = logOf([], sessionOf(1, { follows: [first.length] }));
    expect(() => readCellLogs([first.subarray(0, first.length - 5), second])).toThrow(/cut short/);
  });
});

describe('a log that was cut off', () => {
  const cells = [cellOf(0), cellOf(1), cellOf(2)];
  const whole = logOf(cells);

  it('gives every record that is whole, wherever the cut is', () => {
    let known = 0;
    for (let length = 0; length <= whole.length; length += 1) {
      const logs = readCellLogs([whole.subarray(0, length)]);
      const read = recordsOf(logs);
      expect(read).toEqual(cells.slice(0, read.length));
      expect(read.length).toBeGreaterThanOrEqual(known);
      expect(logs.lengths[0]).toBeLessThanOrEqual(length);
      known = read.length;
    }
    expect(known).toBe(cells.length);
  });

  it('may end in garbage or in zeros, which a power cut leaves', () => {
    for (const tail of [
      'garbage',
      '12 00000000 {"type"',
      '\0'.repeat(4096),
      '5 \n5 \n',
      '99999999999999999999 ',
    ]) {
      const logs = readCellLogs([Buffer.concat([whole, Buffer.from(tail)])]);
      expect(recordsOf(logs)).toEqual(cells);
      expect(logs.lengths).toEqual([whole.length]);
    }
  });

  it('may have lost its first entry, and then holds nothing', () => {
    expect(readCellLogs([new Uint8Array()])).toMatchObject({ sessions: [], cells: [], lengths: [0] });
  });
});

describe('a damaged log', () => {
  const encoder = new CellLogEncoder();
  const start = encoder.session(sessionOf(0));
  const parts = [start, ...[cellOf(0), cellOf(1), cellOf(2)].map((cell) => encoder.cell(cell).bytes)];
  const whole = Buffer.concat(parts);
  const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;

  it('is refused at every byte before the last line, with the log and the offset', () => {
    for (let at = 0; at < lastLine; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(() => readCellLogs([damaged], (session) => `cells.${session}.log`), `at byte ${at}`).toThrow(
        RecordUnreadableError,
      );
    }
    const damaged = Buffer.from(whole);
    damaged[start.length + 40] = 0;
    expect(() => readCellLogs([damaged], (session) => `cells.${session}.log`)).toThrow(
      new RegExp(`^cells\\.0\\.log is damaged from byte ${start.length} `),
    );
  });

  it('is refused when a line in the middle is missing that a later one refers to', () => {
    // The first cell's lines hold the shapes of its steps.
    expect(() => readCellLogs([Buffer.concat([start, ...parts.slice(2)])])).toThrow(/shape/);
  });

  it('is refused when it is not the log of its session', () => {
    expect(() => readCellLogs([whole, whole])).toThrow(/is that of session 0/);
    expect(() => readCellLogs([Buffer.concat(parts.slice(1))])).toThrow(/does not begin with a session/);
    expect(() => readCellLogs([Buffer.concat([start, start])])).toThrow(/"session"/);
    expect(() => readCellLogs([Buffer.concat([start, encodeLine({ type: 'cell' })])])).toThrow(
      RecordUnreadableError,
    );
  });

  it('is refused when a newer version wrote it, and says so', () => {
    const newer = encodeLine({ type: 'session', format: 2, session: 0 });
    let error: unknown;
    try {
      readCellLogs([newer]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'FORMAT_TOO_NEW' });
    expect((error as Error).message).toMatch(/format 2.*up to 1.*Update/);
  });
});
