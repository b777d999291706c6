/** An experiment with a numeric and another metric, two treatments and a hypothesis. Stores nothing. */
export const SCALING = `
import { Experiment, datasource, hypothesis, pipelineStep, treatment } from '@crystallize/core';
const scale = pipelineStep({
  name: 'scale',
  params: { factor: 1 },
  run(x: number, ctx, { factor }) {
    ctx.record('total', x * factor);
    ctx.record('label', 'as text');
    return x;
  },
});
export const scaling = new Experiment({
  name: 'scaling',
  datasource: datasource((ctx) => 10 + ctx.replicate),
  pipeline: [scale()],
  treatments: { doubled: { factor: 2 }, tripled: { factor: 3 } },
  hypotheses: [hypothesis({
    name: 'factor matters',
    metrics: 'total',
    verifier: (a, b) => ({ pValue: 1 / (b['total'] as number[])[0]!, effectSize: 0.5 }),
  })],
  replicates: 4,
  seed: 42,
});
`;

/** An experiment whose step fails in some cells, on line 7. */
export const FAILING = `
import { Experiment, datasource, pipelineStep, treatment } from '@crystallize/core';
const fit = pipelineStep({
  name: 'fit',
  params: { k: 1 },
  run(x: number, ctx, { k }) {
    if (k === 5 && ctx.replicate > 0) throw new RangeError('k is too \\x1b[31mlarge\\x1b[0m\\x1b]0;owned\\x07');
    ctx.record('score', x / k);
    return x;
  },
});
export const failing = new Experiment({
  name: 'failing',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [fit()],
  treatments: { big: { k: 5 } },
  replicates: 4,
  seed: 1,
});
`;

/** An experiment that stores its runs, and whose second replicate waits until it is aborted. */
export const WAITING = `
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Experiment, datasource, pipelineStep } from '@crystallize/core';
const wait = pipelineStep({
  name: 'wait',
  async run(x: number, ctx) {
    ctx.record('x', x);
    if (ctx.replicate < 2) return x;
    ctx.log('now it waits');
    await new Promise((resolve) => {
      const timer = setInterval(() => {}, 1000);
      if (process.env['STUBBORN']) return;
      ctx.signal.addEventListener('abort', () => { clearInterval(timer); resolve(undefined); });
    });
    ctx.signal.throwIfAborted();
    return x;
  },
});
export const waiting = new Experiment({
  name: 'waiting',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [wait()],
  plugins: [new ArtifactPlugin({ rootDir: 'runs', versioned: true })],
  replicates: 9,
  seed: 3,
});
`;

/** Two experiments, the second of which reads what the first writes. \`FAIL\` breaks the first as a whole. */
export const GRAPH = `
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, Experiment, ExperimentGraph, datasource, jsonCodec, pipelineStep, treatment } from '@crystallize/core';
import { artifactDatasource } from '@crystallize/datasources';
const model = new Artifact('model.json', jsonCodec<number>());
const train = pipelineStep({
  name: 'train',
  params: { k: 1 },
  async run(x: number, ctx, { k }) { await model.write(x * k); ctx.record('loss', x * k); return x; },
});
const test = pipelineStep({ name: 'test', run(x: number, ctx) { ctx.record('score', x); return x; } });
const plugins = [new ArtifactPlugin({ rootDir: 'runs', versioned: true })];
const breaking = { name: 'breaking', beforeRun() { if (process.env['FAIL']) throw new Error('the disk is on fire'); } };
export const training = new Experiment({
  name: 'training', datasource: datasource((ctx) => ctx.replicate + 1), pipeline: [train()],
  treatments: [treatment('k=2', { k: 2 })], plugins: [...plugins, breaking], outputs: [model], replicates: 3, seed: 1,
});
export const testing = new Experiment({
  name: 'testing', datasource: artifactDatasource(training, model), pipeline: [test()], plugins, seed: 1,
});
export const both = new ExperimentGraph([training, testing], { name: 'training and testing' });
`;

/**
 * An experiment that stores its runs with an artifact in each cell. \`cells.log\` gets a line for each cell
 * that runs, \`acked.log\` one for each that is reported as done. \`WAIT_AT\` lets that replicate wait until it is aborted, and
 * \`FAIL_AT\` lets that one fail.
 */
export const RESUMABLE = `
import { appendFileSync } from 'node:fs';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, Experiment, datasource, jsonCodec, pipelineStep } from '@crystallize/core';
const model = new Artifact('model.json', jsonCodec<number>());
const fit = pipelineStep({
  name: 'fit',
  params: { factor: 1 },
  async run(x: number, ctx, { factor }) {
    appendFileSync('cells.log', ctx.condition + ' ' + ctx.replicate + '\\n');
    if (process.env['FAIL_AT'] === String(ctx.replicate)) throw new RangeError('no luck with ' + ctx.replicate);
    if (process.env['WAIT_AT'] === String(ctx.replicate)) {
      ctx.log('now it waits');
      await new Promise((resolve) => {
        const timer = setInterval(() => {}, 1000);
        ctx.signal.addEventListener('abort', () => { clearInterval(timer); resolve(undefined); });
      });
      ctx.signal.throwIfAborted();
    }
    await model.write(x * factor);
    ctx.record('x', x * factor);
    return x;
  },
});
const acks = { name: 'acks', onEvent(_run: unknown, event: any) {
  if (event.type === 'cell:end') appendFileSync('acked.log', event.cell.condition + ' ' + event.cell.replicate + '\\n');
} };
export const resumable = new Experiment({
  name: 'resumable',
  datasource: datasource((ctx) => ctx.replicate + 1),
  pipeline: [fit()],
  treatments: { doubled: { factor: 2 } },
  plugins: [new ArtifactPlugin({ rootDir: 'runs', versioned: true }), acks],
  outputs: [model],
  replicates: 6,
  seed: 3,
});
`;
