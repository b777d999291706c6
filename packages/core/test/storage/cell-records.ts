import fc from 'fast-check';
import type { CellRecord, ErrorRecord, StepRecord } from '../../src/plugin/records.ts';
import type { SessionStart } from '../../src/storage/cell-log.ts';

/** A cell of three steps and one metric, as most are. */
export function cellOf(
  replicate: number,
  condition = 'baseline',
  changes: Partial<CellRecord> = {},
): CellRecord {
  return {
    replicate,
    condition,
    seed: (42 + replicate * 31_337) % 2 ** 32,
    status: 'done',
    metrics: [{ metric: 'accuracy', value: 0.5 + replicate / 1000, step: 'score' }],
    artifacts: [],
    inputs: [],
    steps: ['split', 'fit', 'score'].map((step) => ({
      step,
      params: { k: 5, share: 0.25 },
      read: { k: 5 },
      wrote: {},
      cached: false,
      duration: 1.25,
    })),
    startedAt: 1_700_000_000_000 + replicate,
    duration: 4.125,
    attempts: 1,
    ...changes,
  };
}

/** What a session begins with. */
export function sessionOf(session: number, changes: Partial<SessionStart> = {}): SessionStart {
  return {
    session,
    run: `run-${session}`,
    experiment: {
      name: 'penguins',
      id: 'f'.repeat(64),
      directory: 'penguins',
      steps: ['split', 'fit', 'score'],
      outputs: [],
    },
    seed: 42,
    replicates: 3,
    conditions: ['baseline', 'k=1'],
    definition: {
      pipeline: [{ step: 'fit', params: 'p', code: 'c' }],
      conditions: { baseline: 'b' },
      initialContext: 'i',
      datasource: 'd',
      code: { modules: {}, packages: {}, uncovered: [] },
    },
    inputs: [],
    environment: { node: '24.0.0', platform: 'linux', packages: {} },
    startedAt: 1_700_000_000_000,
    owner: { host: 'host', pid: 1 },
    follows: [],
    ...changes,
  };
}

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const stored = fc.oneof(
  fc.double(),
  fc.string(),
  fc.bigInt(),
  fc.date(),
  fc.constant(undefined),
  fc.array(fc.double(), { maxLength: 3 }),
);
const fields = fc.dictionary(name, stored, { maxKeys: 3, noNullPrototype: true });
const duration = fc.nat(10_000_000).map((microseconds) => microseconds / 1000);
const step: fc.Arbitrary<StepRecord> = fc.record({
  step: name,
  params: fields,
  read: fields,
  wrote: fields,
  cached: fc.boolean(),
  duration,
});
const error: fc.Arbitrary<ErrorRecord> = fc.letrec<{ error: ErrorRecord }>((tie) => ({
  error: fc.record(
    { name, message: fc.string(), code: name, stack: fc.string(), fields, cause: tie('error') },
    { requiredKeys: ['name', 'message'] },
  ) as fc.Arbitrary<ErrorRecord>,
})).error;

/** Any record of a cell that can be. */
export const anyCell: fc.Arbitrary<CellRecord> = fc.record(
  {
    replicate: fc.nat(5),
    condition: fc.constantFrom('baseline', 'k=1', 'élan'),
    seed: fc.nat(),
    status: fc.constantFrom('done', 'failed'),
    metrics: fc.array(
      fc.record(
        {
          metric: fc.oneof(name, fc.constant('__proto__')),
          value: stored,
          step: name,
          tags: fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
            maxKeys: 2,
            noNullPrototype: true,
          }),
        },
        { requiredKeys: ['metric', 'value', 'step'] },
      ),
      { maxLength: 3 },
    ),
    artifacts: fc.array(
      fc.record({ step: name, name, size: fc.nat(), sha256: fc.stringMatching(/^[0-9a-f]{64}$/) }),
      { maxLength: 2 },
    ),
    inputs: fc.array(
      fc.record(
        {
          experiment: name,
          version: fc.nat(),
          replicate: fc.nat(),
          condition: name,
          step: name,
          name,
          size: fc.nat(),
          sha256: name,
        },
        { requiredKeys: ['experiment', 'replicate', 'condition', 'step', 'name'] },
      ),
      { maxLength: 2 },
    ),
    steps: fc.array(step, { maxLength: 3 }),
    error,
    failedStep: name,
    startedAt: fc.nat(),
    duration,
    attempts: fc.integer({ min: 1, max: 5 }),
  },
  {
    requiredKeys: [
      'replicate',
      'condition',
      'seed',
      'status',
      'metrics',
      'artifacts',
      'inputs',
      'steps',
      'startedAt',
      'duration',
      'attempts',
    ],
  },
) as fc.Arbitrary<CellRecord>;
