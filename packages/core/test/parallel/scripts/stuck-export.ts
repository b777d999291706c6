import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { executor, isMain, tell } from './support.ts';

// Its exports can't be had before its top level has ended, which it never does in a worker.
export function make(by: number) {
  return new Experiment({
    name: 'stuck',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [
      pipelineStep({
        name: 'work',
        run: (data: number, ctx) => {
          ctx.record('by', by);
          return data;
        },
      })(),
    ],
    module: { url: import.meta.url, export: 'make', args: [by] },
    plugins: [executor(1)],
  });
}
for (const by of [5, 6]) tell('made', (await make(by).run()).baseline.metrics);
if (isMain) process.exit(0);
