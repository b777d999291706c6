import { appendFileSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { ArtifactPlugin } from '@crystallize/artifacts';
import {
  Artifact,
  AsyncExecution,
  datasource,
  Experiment,
  ExperimentGraph,
  hypothesis,
  inputs,
  jsonCodec,
  ParallelExecution,
  PipelineStep,
  type Plugin,
  pipelineStep,
  type Result,
  SerialExecution,
  type StepContext,
  treatment,
} from '@crystallize/core';
import { artifactDatasource } from '@crystallize/datasources';

// One graph of experiments, run by the executor that the test asks for.

const [, , mode = 'serial', folder = '.'] = process.argv;
const executors: Record<string, () => Plugin> = {
  serial: SerialExecution,
  async: () => AsyncExecution({ concurrency: 7 }),
  worker_threads: () => ParallelExecution({ workers: 3 }),
  child_process: () => ParallelExecution({ workers: 2, runtime: 'child_process' }),
};
const isMain = isMainThread && process.env['TINYPOOL_WORKER_ID'] === undefined;
const plugins = () => [
  new ArtifactPlugin({ rootDir: `${folder}/runs`, versioned: true, durability: 'process' }),
  (executors[mode] as () => Plugin)(),
];

class UnluckyError extends RangeError {
  override readonly name = 'UnluckyError';
  readonly code = 'UNLUCKY';
  readonly replicate: number;
  constructor(replicate: number) {
    super(`replicate ${replicate} has no luck`, { cause: new TypeError('thrown by a die') });
    this.replicate = replicate;
  }
}

interface Model {
  readonly weights: readonly number[];
  readonly k: number;
}
const model: Artifact<Model, 'model.json'> = new Artifact('model.json', jsonCodec<Model>());
const notes = new Artifact('notes/all.txt');
const big = new Artifact('big.bin');

/** How often this was called for a cell, in whichever worker. */
function countCall(cell: string): number {
  const file = `${folder}/calls ${cell}`;
  appendFileSync(file, '.');
  return readFileSync(file).length;
}

const prepare = pipelineStep({
  name: 'prepare',
  params: { shift: 0 },
  cacheable: true,
  run(rows: readonly number[], ctx, { shift }) {
    ctx.record('rows', rows.length, { stage: 'prepare' });
    return rows.map((row) => row + shift + ctx.rng.next());
  },
});
const fit = pipelineStep({
  name: 'fit',
  params: { k: 2 },
  async run(rows: number[], ctx, { k }) {
    const fitted = { weights: rows.map((row) => row * k), k };
    if (ctx.replicate === 4) {
      const call = countCall(`${ctx.condition} ${ctx.replicate}`);
      await new Artifact('call.txt').write(`call ${call}`);
      // What only an earlier try has written is none of the cell's.
      if (call === 1) await new Artifact('first.txt').write('first');
      if (call < 3) throw new Error('busy');
    }
    await model.write(fitted);
    await notes.write(`k is ${k}\n`);
    await ctx.write(big, new Uint8Array(100_000).fill(ctx.replicate));
    for (const [index, weight] of fitted.weights.entries())
      ctx.record('weight', weight, { index, even: index % 2 === 0 });
    ctx.record('odd values', [
      Number.NaN,
      -0,
      10n ** 30n,
      new Map([['k', k]]),
      new Float32Array(fitted.weights),
    ]);
    ctx.add('fitted at', new Date(k));
    return fitted;
  },
});
class Check extends PipelineStep<Model, Model> {
  run(fitted: Model, ctx: StepContext): Model {
    ctx.record('checked', ctx.get('k') === fitted.k);
    return fitted;
  }
}
const judge = pipelineStep({
  name: 'judge',
  setup: (ctx) => ({ bias: ctx.seed % 10 }),
  async run(fitted: Model, ctx, _params, { bias }) {
    ctx.record('score', fitted.weights.reduce((sum, weight) => sum + weight, bias) + ctx.rng.normal());
    if (ctx.replicate === 5 && ctx.condition !== 'k=5') throw new UnluckyError(ctx.replicate);
    return fitted;
  },
});

export const training = new Experiment({
  name: 'training',
  datasource: datasource((ctx) => Array.from({ length: 3 }, () => ctx.rng.int(1, 9))),
  pipeline: [prepare(), fit(), new Check(), judge()],
  treatments: [
    treatment('k=5', { k: 5 }),
    treatment('shifted', (ctx) => ctx.add('shift', 10 + ctx.replicate)),
    treatment('useless', { nobodyReads: 1, neither: 2 }),
  ],
  hypotheses: [
    hypothesis({
      metrics: 'score',
      verifier: (baseline, other, info) => ({
        pValue: (baseline['score']?.length ?? 0) / 100 + (other['score']?.length ?? 0) / 1000,
        pairs: info.pairs['score']?.length,
        dropped: info.dropped,
      }),
    }),
  ],
  outputs: [model, big],
  replicates: 8,
  seed: 21,
  plugins: plugins(),
});

const evaluate = pipelineStep({
  name: 'evaluate',
  async run({ fitted, scale }: { fitted: Model; scale: number }, ctx) {
    ctx.record('total', fitted.weights.reduce((sum, weight) => sum + weight, 0) * scale);
    await new Artifact('total.txt').write(`${ctx.replicate}: ${fitted.k}`);
  },
});
export const evaluation = new Experiment({
  name: 'evaluation',
  datasource: inputs({
    fitted: artifactDatasource(training, model),
    scale: datasource((ctx) => ctx.rng.int(1, 3)),
  }),
  pipeline: [evaluate()],
  treatments: [treatment('own', {})],
  seed: 4,
  plugins: plugins(),
});

const shown = (value: unknown) =>
  inspect(value, { depth: 20, maxArrayLength: 1000, maxStringLength: 2000, sorted: true });

async function describe(result: Result, shared: boolean): Promise<object> {
  const { baseline, treatments, hypotheses, warnings, errors, provenance, status, executed, restored } =
    result;
  return {
    ...{ status, executed, restored, warnings: [...warnings] },
    rows: shown([...result.rows()]),
    csv: result.toCSV(),
    cells: shown(
      [baseline, ...Object.values(treatments)].flatMap(({ cells }) =>
        cells.map((cell) => ({ ...cell, ...timeless(cell, shared) })),
      ),
    ),
    hypotheses: shown(hypotheses),
    errors: errors.map(({ message, cause }) => [
      message,
      String(cause),
      shown((cause as Error).cause).split('\n', 1)[0],
    ]),
    provenance: shown(
      [...provenance.cells()].map((cell) => ({ ...cell, ...timeless(cell as never, shared) })),
    ),
    inputs: shown(provenance.inputs),
    artifacts: await Promise.all(
      result.artifacts.map(async (file) => [
        file.name,
        (await file.bytes()).length,
        await file.text().then((text) => text.slice(0, 40)),
      ]),
    ),
  };
}

/** Without what the clock says; where conditions share what is cached, whichever comes first also has it run. */
function timeless({ steps }: { readonly steps: readonly object[] }, shared: boolean) {
  return {
    startedAt: 0,
    duration: 0,
    steps: steps.map((step) => ({ ...step, ...(shared ? { cached: undefined } : {}), duration: 0 })),
  };
}

if (isMain) {
  const options = {
    retries: { times: 2, delay: 0, when: (error: unknown) => (error as Error).message === 'busy' },
  };
  const graph = await new ExperimentGraph([training, evaluation]).run(options);
  // Again: what is cacheable comes from the cache, whichever worker has put it there.
  const again = await training.run(options);
  const resumed = await training.run({ ...options, strategy: 'resume', replicates: 9 });
  const told = { graph: {}, again: await describe(again, false), resumed: await describe(resumed, true) };
  for (const [name, result] of Object.entries(graph))
    Object.assign(told.graph, { [name]: await describe(result, true) });
  console.log(JSON.stringify(told));
}
