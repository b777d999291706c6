import {
  configureRuns,
  datasource,
  Experiment,
  pipelineStep,
  treatment,
  type WorkerMismatchError,
} from '@crystallize/core';
import { executor, isMain, tell } from './support.ts';

// Experiments that importing this module does not make again: each is refused before its first cell.

const work = pipelineStep({
  name: 'work',
  params: { value: 0 },
  run: (data: number) => {
    tell('ran', data);
    return data;
  },
});
const made = (name: string, more: object = {}) =>
  new Experiment({
    name,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [work()],
    plugins: [executor(1), { name: 'stores', commitCell: () => tell('committed', name) }],
    ...more,
  });

const called = (name: string, args: readonly unknown[] = []) => ({
  module: { url: import.meta.url, export: name, args },
});
export const byExport = (by: number) => made(`by export ${by}`, called('byExport', [by]));
export const failing = () => {
  if (!isMain) throw new TypeError('no such file');
  return made('failing', called('failing'));
};
export const another = () => made(isMain ? 'wanted' : 'another', called('another'));

const named = made(`named at ${isMain ? 'first' : 'last'}`);
const otherParams = made('other params', { pipeline: [work({ value: isMain ? 1 : 2 })] });
const otherwise = made('otherwise', {
  pipeline: [
    pipelineStep({ name: 'work', run: isMain ? (data: number) => data : (data: number) => -data })(),
  ],
  treatments: [treatment('t', { value: isMain ? 1 : 2 })],
  initialContext: { place: isMain ? 'main' : 'worker' },
});

const few = process.argv[3] === 'few';
if (isMain) {
  const all = few
    ? [made('only in main'), otherwise]
    : [
        made('only in main'),
        await new Promise<Experiment>((resolve) =>
          setImmediate(() => resolve(made('in a callback') as Experiment)),
        ),
        ...[named, otherParams, otherwise, failing(), another(), made('no export', called('missing'))],
      ];
  for (const experiment of all) {
    const { code, name, message, differences } = await (experiment as Experiment).run().then(
      () => ({ code: 'none', message: 'it ran', name: '', differences: [] }),
      (error: WorkerMismatchError) => error,
    );
    tell('refused', { experiment: experiment.name, code, name, message, differences });
  }
  tell('made', (await byExport(3).run()).status);
  // What a command line has every worker do before it imports the module.
  const setup = { url: `data:text/javascript,throw new RangeError('no key for the bucket')` };
  configureRuns({ adapt: (plugins) => plugins, setup });
  const error = await byExport(4)
    .run()
    .catch((thrown: Error) => thrown);
  tell('not set up', String(error));
}
