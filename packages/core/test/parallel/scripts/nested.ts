import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { executor, isMain, tell } from './support.ts';

// A step that runs another experiment: what a worker never does.
const inner = new Experiment({
  name: 'inner',
  datasource: datasource(() => 1),
  pipeline: [pipelineStep({ name: 'same', run: (data: number) => data })()],
});
const outer = new Experiment({
  name: 'outer',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [pipelineStep({ name: 'nests', run: async () => (await inner.run()).status })()],
  plugins: [executor(1)],
});
// A param that is another one each time: its top level waits for the run, which is not why it is refused.
const random = new Experiment({
  name: 'random',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [pipelineStep({ name: 'draws', params: { p: 0 }, run: () => 0 })({ p: Math.random() })],
  plugins: [executor(1)],
});
const refused = await random.run().catch((error: Error) => error);
if (isMain) tell('random', refused instanceof Error ? refused.message : refused.status);
const { errors, status } = await outer.run();
tell('outer', [status, errors.map(({ cause }) => String(cause))]);
