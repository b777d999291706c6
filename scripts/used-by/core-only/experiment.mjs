// An experiment in plain JavaScript: `node experiment.mjs`.
import { datasource, Experiment, hypothesis, pipelineStep, treatment } from '@crystallize/core';

const scale = pipelineStep({
  name: 'scale',
  params: { factor: 1 },
  run: (values, _ctx, { factor }) => values.map((value) => value * factor),
});

const measure = pipelineStep({
  name: 'measure',
  run(values, ctx) {
    ctx.record(
      'total',
      values.reduce((sum, value) => sum + value, 0),
    );
    ctx.record('draw', ctx.rng.next());
    return values;
  },
});

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const experiment = new Experiment({
  name: 'scaling',
  datasource: datasource((ctx) => [1, 2, 3].map((value) => value + ctx.replicate)),
  pipeline: [scale(), measure()],
  treatments: [treatment('doubled', { factor: 2 }), treatment('tripled', { factor: 3 })],
  hypotheses: [
    hypothesis({
      name: 'a factor raises the total',
      metrics: 'total',
      verifier: (baseline, scaled) => ({ difference: mean(scaled.total) - mean(baseline.total) }),
      ranker: ({ difference }) => -difference,
    }),
  ],
  replicates: 4,
  seed: 42,
});

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
