import { ArtifactPlugin, type ArtifactStore } from '@crystallize/artifacts';
import {
  Artifact,
  datasource,
  Experiment,
  jsonCodec,
  type Plugin,
  pipelineStep,
  treatment,
} from '@crystallize/core';

export interface ProbeOptions {
  readonly store: ArtifactStore;
  readonly versioned?: boolean;
  readonly replicates?: number;
  /** What the treatment `scaled` sets. Default 2. */
  readonly factor?: number;
  /** Cells, `<replicate> <condition>`, whose second step throws. */
  readonly broken?: readonly string[];
  readonly executor?: Plugin;
  /** Is told of each cell that is run, by `<replicate> <condition>`. */
  readonly onExecute?: (cell: string) => void;
}

const model = new Artifact('model.json', jsonCodec<{ readonly weight: number }>());
const report = new Artifact('parts/report.bin');

/**
 * An experiment whose cells do all that a store sees: an artifact of each of two steps, one in a folder of
 * its own, a metric that is a number and one that is a Map. Replicate r of the treatment is
 * (r + 1) times its factor.
 */
export function probe(options: ProbeOptions) {
  const { store, versioned = false, replicates = 2, factor = 2, broken = [], executor, onExecute } = options;
  const fit = pipelineStep({
    name: 'fit',
    params: { factor: 1 },
    async run(value: number, ctx, params) {
      const weight = value * params.factor;
      await model.write({ weight });
      ctx.record('weight', weight);
      return weight;
    },
  });
  const score = pipelineStep({
    name: 'score',
    async run(weight: number, ctx) {
      await report.write(new Uint8Array(200).fill(weight));
      ctx.record('profile', new Map([['weight', weight]]));
      if (broken.includes(`${ctx.replicate} ${ctx.condition}`)) throw new Error('This cell is broken.');
      return weight;
    },
  });
  const plugin = new ArtifactPlugin({ store, versioned, artifactRetention: 0 });
  return new Experiment({
    name: 'probe',
    datasource: datasource((ctx) => {
      onExecute?.(`${ctx.replicate} ${ctx.condition}`);
      return ctx.replicate + 1;
    }),
    pipeline: [fit(), score()],
    treatments: [treatment('scaled', { factor })],
    plugins: executor ? [plugin, executor] : [plugin],
    replicates,
    seed: 7,
    // Wherever it is called from, the code of the experiment is what this module says.
    module: import.meta.url,
  });
}
