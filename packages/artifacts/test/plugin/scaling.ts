import { Artifact, datasource, Experiment, jsonCodec, type Plugin, pipelineStep } from '@crystallize/core';

/** What every cell writes. */
export const data: Artifact<{ value: number }, 'data.json'> = new Artifact(
  'data.json',
  jsonCodec<{ value: number }>(),
);

const scale = pipelineStep({
  name: 'scale',
  params: { factor: 1 },
  async run(value: number, ctx, { factor }) {
    const scaled = value * factor;
    await data.write({ value: scaled });
    ctx.record('total', scaled);
    return scaled;
  },
});

/** Replicate r gives r + 1, times 1 for the baseline, 2 for `double`. Each cell writes `data.json`. */
export function scaling(
  plugin: Plugin,
  options: { readonly name?: string; readonly replicates?: number; readonly executor?: Plugin } = {},
) {
  return new Experiment({
    name: options.name ?? 'scaling',
    datasource: datasource((ctx) => ctx.replicate + 1),
    pipeline: [scale()],
    treatments: { double: { factor: 2 } },
    plugins: options.executor ? [plugin, options.executor] : [plugin],
    replicates: options.replicates ?? 2,
    seed: 7,
  });
}
