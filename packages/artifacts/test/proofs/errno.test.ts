import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  actWithFault,
  describeCall,
  type FaultOutcome,
  recoverFromFault,
  shapeOf,
  tellsOf,
} from '../harness/fault-trial.ts';
import { figures } from '../harness/figures.ts';
import { flows } from '../harness/flows.ts';
import { noteFigure } from '../harness/note-figure.ts';
import { expectationOf } from '../harness/recovery.ts';

const codes = [
  'EIO',
  'ENOSPC',
  'EACCES',
  'EPERM',
  'EDQUOT',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'EINTR',
  'ESTALE',
  'ETIMEDOUT',
  'ENAMETOOLONG',
  'EXDEV',
  'EBUSY',
];
/** How many of them are tried on every flow, by how long the trouble lasts. */
const representative = { once: 4, 'for ever': 2 } as const;

interface Harmless {
  readonly call: RegExp;
  readonly codes?: readonly string[];
  readonly reason: string;
}

/** Calls that may fail without a word, with the reason. */
const harmless: readonly Harmless[] = [
  {
    call: /^unlink .*\.crystallize-…$/,
    reason: 'The file has its own name by then; a second one that nobody reads does no harm.',
  },
  { call: /^link /, codes: ['EPERM'], reason: 'Some file systems have no links; there is another way.' },
  {
    call: /^open \/disk$/,
    codes: ['EACCES', 'EPERM'],
    reason: 'The folder above the root may belong to someone who does not let others open it.',
  },
  {
    call: /^futimes$/,
    codes: ['EPERM'],
    reason: 'Some file systems let no one say when a file was changed; a lock then gives no signs of life.',
  },
];

// Tens of thousands of errors are made, and nobody looks at where.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

function isHarmless(outcome: FaultOutcome, code: string): boolean {
  const call = describeCall(outcome.failed);
  return harmless.some((known) => known.call.test(call) && (known.codes?.includes(code) ?? true));
}

describe.each(flows.map((flow) => [flow.name, flow] as const))('%s', (_name, flow) => {
  it.each(['once', 'for ever'] as const)(
    'says so when any call fails %s, loses nothing that it told to be done, and is completed later',
    async (how) => {
      const tried = flow === flows[0] || figures.everyErrno ? codes : codes.slice(0, representative[how]);
      const expectation = await expectationOf(flow);
      const recovered = new Set<string>();
      let faults = 0;
      for (const code of tried) {
        for (let call = 1; ; call += 1) {
          const outcome = await actWithFault(flow, expectation, { call, code, sticky: how === 'for ever' });
          if (!outcome.failed) {
            expect(outcome.error).toBeUndefined();
            break;
          }
          faults += 1;
          const where = `${code} at call ${call}, ${describeCall(outcome.failed)}`;
          if (outcome.error === undefined)
            expect(isHarmless(outcome, code), `${where}, swallowed`).toBe(true);
          else expect(tellsOf(outcome.error, code), `${where}, told by ${outcome.error}`).toBe(true);
          // What another fault has left just so needs no second recovery.
          const shape = shapeOf(outcome);
          if (recovered.has(shape)) continue;
          recovered.add(shape);
          await recoverFromFault(flow, expectation, outcome).catch((cause: Error) => {
            throw new Error(`${where}: ${cause.message}`, { cause });
          });
        }
      }
      noteFigure('faults', faults);
      expect(faults).toBeGreaterThan(100 * tried.length);
      expect(recovered.size).toBeGreaterThan(5);
    },
    figures.patience,
  );
});
