import {
  Artifact,
  AsyncExecution,
  type CellRecord,
  datasource,
  Experiment,
  type Plugin,
  pipelineStep,
  type StepContext,
} from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectCache } from './support/caching.ts';

const keys = ['a', 'b', 'c', 'd'];

/** One thing that a step does; what it finds out goes into its output. */
type Act =
  | readonly ['get' | 'has' | 'if', string]
  | readonly ['add', string, unknown]
  | readonly ['record' | 'log', unknown]
  | readonly ['seed' | 'rng' | 'replicate' | 'condition' | 'write' | 'data' | 'push'];

const anyKey = fc.constantFrom(...keys);
const more = { withBigInt: true, withDate: true, withSet: true, withTypedArray: true, maxDepth: 2 };
const anyValue = fc.oneof(
  fc.anything({ ...more, withMap: true }),
  fc.anything({ ...more, withNullPrototype: true }),
);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(fc.constantFrom('get' as const, 'has' as const, 'if' as const), anyKey),
  fc.tuple(fc.constant('add' as const), anyKey, anyValue),
  fc.tuple(fc.constantFrom('record' as const, 'log' as const), anyValue),
  fc.tuple(
    fc.constantFrom(
      'seed' as const,
      'rng' as const,
      'replicate' as const,
      'condition' as const,
      'write' as const,
      'data' as const,
      'push' as const,
    ),
  ),
);

async function perform(acts: readonly Act[], data: unknown[], ctx: StepContext): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const [index, act] of acts.entries()) {
    const [kind, key, value] = act as readonly [Act[0], string, unknown];
    if (kind === 'get') found.push(ctx.get(key));
    else if (kind === 'has') found.push(ctx.has(key));
    // Reads on only where the key is set.
    else if (kind === 'if' && !ctx.get(key)) return found;
    else if (kind === 'add') addOrFind(ctx, key, value, found);
    else if (kind === 'record') ctx.record('m', key, { index });
    else if (kind === 'seed') found.push(ctx.seed);
    else if (kind === 'rng') found.push(ctx.rng.next());
    else if (kind === 'replicate') found.push(ctx.replicate);
    else if (kind === 'condition') found.push(ctx.condition);
    else if (kind === 'write') await new Artifact(`file-${index}`).write(`${found.length}`);
    else if (kind === 'data') found.push(data.length);
    // What a step is given it may change.
    else if (kind === 'push') data.push(index);
  }
  return found;
}

function addOrFind(ctx: StepContext, key: string, value: unknown, found: unknown[]): void {
  try {
    ctx.add(key, value);
  } catch (error) {
    found.push((error as Error).message);
  }
}

/** Shows what the last of the steps has passed on. */
const show = pipelineStep({ name: 'show', run: (data: unknown, ctx) => ctx.record('shown', data) });

const pipelines = fc.record({
  steps: fc.array(fc.record({ acts: fc.array(anyAct, { maxLength: 5 }), cacheable: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  initialContext: fc.dictionary(anyKey, anyValue, { maxKeys: 2 }),
  treatment: fc.dictionary(anyKey, anyValue, { maxKeys: 2 }),
  byReplicate: fc.boolean(),
});

test('results are the same with and without a cache, and whatever runs have filled it', async () => {
  let answered = 0;
  const check = fc.asyncProperty(pipelines, async ({ steps, initialContext, treatment, byReplicate }) => {
    const cache = objectCache();
    const run = async (cached: boolean, executor: readonly Plugin[]) => {
      const records: CellRecord[] = [];
      const keeper: Plugin = { name: 'keeper', commitCell: (_run, record) => void records.push(record) };
      const result = await new Experiment({
        name: 'law',
        datasource: datasource((ctx) => (byReplicate ? [ctx.replicate] : [])),
        pipeline: [
          ...steps.map(({ acts, cacheable }, index) =>
            pipelineStep({
              name: `step-${index}`,
              version: '1',
              cacheable: cacheable && cached,
              run: (data: unknown[], ctx) => perform(acts, data, ctx),
            })(),
          ),
          show(),
        ] as never,
        treatments: { t: treatment } as never,
        initialContext,
        replicates: 3,
        seed: 11,
        plugins: [cache.plugin, keeper, ...executor],
      }).run();
      answered += records.flatMap((record) => record.steps.filter((step) => step.cached)).length;
      const texts = await Promise.all(result.artifacts.map((file) => file.text()));
      return {
        records: ordered(records),
        texts,
        unread: result.warnings.filter((text) => /no step or datasource/i.test(text)),
      };
    };
    const fresh = await run(false, []);
    for (const executor of [[], [], [AsyncExecution({ concurrency: 4 })]]) {
      expect(await run(true, executor)).toStrictEqual(fresh);
    }
  });
  await fc.assert(check, { numRuns: 150 });
  expect(answered).toBeGreaterThan(500);
});

/** Records as they are compared: by cell, without times and without what came from where. */
function ordered(records: readonly CellRecord[]): unknown[] {
  return records
    .map(({ startedAt: _at, duration: _time, steps, error, ...record }) => ({
      ...record,
      error: error?.message,
      steps: steps.map(({ duration: _stepTime, cached: _cached, ...step }) => step),
    }))
    .sort((a, b) => a.replicate - b.replicate || (a.condition < b.condition ? -1 : 1));
}
