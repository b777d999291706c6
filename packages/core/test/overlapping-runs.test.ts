import { Artifact, AsyncExecution, Experiment, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { replicateIndex } from './support/experiments.ts';

test('one instance can run again, and several runs of it can overlap', async () => {
  const file = new Artifact('file');
  let setups = 0;
  let torn = 0;
  const step = pipelineStep({
    name: 'step',
    params: { k: 0 },
    setup: () => ++setups,
    teardown: () => void torn++,
    async run(data: number, ctx, { k }, resource) {
      for (let turn = ctx.rng.int(0, 4); turn > 0; turn--) await new Promise(setImmediate);
      await file.write(`${ctx.seed}`);
      ctx.add('own', data);
      ctx.record('m', [data, k, ctx.seed, resource]);
    },
  });
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [step()],
    treatments: { t: { k: 1 } },
    replicates: 4,
    plugins: [AsyncExecution()],
  });
  const results = await Promise.all([1, 2, 3].map((seed) => experiment.run({ seed, replicates: seed + 1 })));
  for (const [index, result] of results.entries()) {
    const seed = index + 1;
    expect(result).toMatchObject({ status: 'done', seed, replicates: seed + 1, executed: 2 * (seed + 1) });
    expect(result.treatments.t.metrics['m']).toEqual(
      Array.from({ length: seed + 1 }, (_, r) => [r, 1, seed + r * 31337, expect.any(Number)]),
    );
    expect(await result.artifact(file, { replicate: 1 })?.text()).toBe(String(seed + 31337));
  }
  const resources = results.map(
    (result) => new Set((result.baseline.metrics['m'] as number[][]).map((values) => values[3])),
  );
  expect(resources.map((set) => set.size)).toEqual([1, 1, 1]);
  expect([setups, torn]).toEqual([3, 3]);
  expect(new Set(results.map((result) => result.provenance.run)).size).toBe(3);
  expect(
    (await experiment.run({ seed: 1, replicates: 2 }))
      .rows()
      .map((row) => (row.value as number[]).slice(0, 3)),
  ).toEqual(results[0]?.rows().map((row) => (row.value as number[]).slice(0, 3)));
});
