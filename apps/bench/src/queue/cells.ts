import { datasource, Experiment, type Plugin, pipelineStep } from '@crystallize/core';

const echo = pipelineStep({
  name: 'echo',
  run: (replicate: number, ctx) => {
    ctx.record('replicate', replicate);
    return replicate;
  },
});

/** An experiment whose cells do nothing. */
export function cells(replicates: number, plugins: readonly Plugin[] = []) {
  return new Experiment({
    name: 'cells',
    module: { url: import.meta.url, export: 'cells', args: [replicates] },
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [echo()],
    replicates,
    seed: 1,
    plugins,
  });
}
