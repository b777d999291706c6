// The same experiment in TypeScript, which node runs as it is: `node experiment.ts`.
import { datasource, Experiment, hypothesis, type MetricValues, pipelineStep } from '@crystallize/core';

const scale = pipelineStep({
  name: 'scale',
  params: { factor: 1 },
  run: (values: readonly number[], _ctx, { factor }) => values.map((value) => value * factor),
});

const measure = pipelineStep({
  name: 'measure',
  run(values: readonly number[], ctx) {
    ctx.record('total', sum(values));
    ctx.record('draw', ctx.rng.next());
    return values;
  },
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function meanTotal({ total = [] }: MetricValues): number {
  return sum(total.map(Number)) / total.length;
}

export const experiment = new Experiment({
  name: 'scaling',
  datasource: datasource((ctx) => [1, 2, 3].map((value) => value + ctx.replicate)),
  pipeline: [scale(), measure()],
  treatments: { doubled: { factor: 2 }, tripled: { factor: 3 } },
  hypotheses: [
    hypothesis({
      name: 'a factor raises the total',
      metrics: 'total',
      verifier: (baseline, scaled) => ({ difference: meanTotal(scaled) - meanTotal(baseline) }),
      ranker: (found) => -(found as { difference: number }).difference,
    }),
  ],
  replicates: 4,
  seed: 42,
});

if (import.meta.main) {
  const result = await experiment.run();
  console.log(
    JSON.stringify({
      id: experiment.id,
      status: result.status,
      baseline: result.baseline.metrics,
      doubled: result.treatments.doubled.metrics,
      tripled: result.treatments.tripled.metrics,
      seeds: result.baseline.seeds,
      hypothesis: result.hypothesis('a factor raises the total'),
      warnings: result.warnings,
    }),
  );
}
