import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, type Plugin, pipelineStep } from '@crystallize/core';

const table = new Artifact('table.csv');
const model = new Artifact('model.json');
const debug = new Artifact('debug.txt');

const prepare = pipelineStep({
  name: 'prepare',
  params: { scale: 1 },
  async run(replicate: number, ctx, { scale }) {
    await table.write(`replicate,scale\n${replicate},${scale}\n`);
    await debug.write(`${ctx.condition} ${replicate}`);
    return replicate * scale;
  },
});

const fit = pipelineStep({
  name: 'fit',
  async run(value: number, ctx) {
    await model.write(JSON.stringify({ value, condition: ctx.condition }));
    ctx.record('score', value);
    ctx.record('spread', new Map([['deep', [value, Number.NaN]]]));
    if (value < 0) throw new Error('no convergence');
    return value;
  },
});

/** Three conditions of two replicates: of `negative` one cell is done, and the other has failed after it wrote. */
export function mixed(
  plugin: Plugin,
  options: { readonly name?: string; readonly replicates?: number; readonly others?: readonly Plugin[] } = {},
) {
  return new Experiment({
    name: options.name ?? 'mixed',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [prepare(), fit()],
    treatments: { double: { scale: 2 }, negative: { scale: -1 } },
    plugins: [plugin, ...(options.others ?? [])],
    replicates: options.replicates ?? 2,
    seed: 3,
  });
}

/** Keeps everything of two runs of `mixed`, `v0` and `v1`, in a folder. */
export async function storeMixed(rootDir: string): Promise<void> {
  const plugin = new ArtifactPlugin({
    rootDir,
    versioned: true,
    durability: 'process',
    artifactRetention: 0,
  });
  await mixed(plugin).run();
  await mixed(plugin).run();
}
