import { inspect } from 'node:util';
import {
  Artifact,
  datasource,
  Experiment,
  ExperimentGraph,
  type Optimizer,
  pipelineStep,
  treatment,
} from '@crystallize/core';
import { executor, isMain, mode, tell } from './support.ts';

/** Where a worker's top level has got to: the main process alone gets to its end. */
const trace = (place: string) => tell(isMain ? 'main' : 'worker', place);

const scaled = (by: number) =>
  pipelineStep({
    name: 'scaled',
    params: { k: 1, shift: new Map([['by', 0]]) },
    run: (data: number, ctx, { k, shift }) => {
      const value = data * by * k + (shift.get('by') ?? 0);
      ctx.record('value', value);
      return { value, at: new Date(by) };
    },
  });

const source = () => datasource((ctx) => ctx.replicate + 1);

function experimentOf(name: string, by: number, parallel = true) {
  return new Experiment({
    name,
    datasource: source(),
    pipeline: [scaled(by)()],
    treatments: { doubled: { k: 2 } },
    replicates: 2,
    seed: 3,
    plugins: parallel ? [executor(1)] : [],
  });
}

// Each of these has ended when the next begins: it comes to the same in the worker.
const first = await experimentOf('first', 5).run();
trace('first');
const [sum] = first.baseline.numbers('value');
const streamed: number[] = [];
for await (const cell of experimentOf('streamed', 2, false).stream())
  streamed.push(Number(cell.metrics[0]?.value));
let leftAt: number | undefined;
for await (const cell of experimentOf('left early', 2, false).stream()) {
  leftAt = cell.replicate;
  break;
}
const note = new Artifact('note.txt');
const noted = await new Experiment({
  name: 'noted',
  datasource: source(),
  pipeline: [pipelineStep({ name: 'notes', run: (data: number) => note.write(`of ${data}`) })()],
}).run();
const text = await noted.artifact('note.txt')?.text();
const applied = await experimentOf('applied', 7).apply('doubled');
const debugged = await quietly(() => experimentOf('debugged', 2).debug('doubled'));
const rejected = await new Experiment({
  name: 'rejected',
  datasource: source(),
  pipeline: [scaled(1)()],
  replicates: -1,
})
  .run()
  .catch((error: Error) => `${error.name} ${error.message.length} ${'problems' in error}`);
const optimizer: Optimizer = {
  objective: { metric: 'value' },
  ask: () => (asked++ < 2 ? treatment(`k=${asked}`, { k: 3 - asked }) : undefined),
  tell: () => {},
};
let asked = 0;
const best = await experimentOf('optimized', 3, false).optimize(optimizer, { trials: 2 });
const upstream = experimentOf('upstream', 4, false);
const graph = await new ExperimentGraph([upstream]).run();

/** Uses all that has come before it. */
const all = [
  ['sum', sum],
  ['streamed', streamed.toSorted((a, b) => a - b)],
  ['left', leftAt, text],
  ['applied', applied],
  ['debugged', debugged.treatments['doubled']?.metrics],
  ['rejected', rejected],
  ['best', best.name],
  ['graph', graph['upstream']?.baseline.metrics, graph['upstream']?.status],
];
const closing = pipelineStep({
  name: 'closing',
  run: (data: number, ctx) => {
    ctx.record('all', inspect(all, { depth: 9 }));
    return data;
  },
});
const last = new Experiment({
  name: 'last',
  datasource: source(),
  pipeline: [closing()],
  seed: 1,
  plugins: [executor()],
});
const { baseline } = await last.run();
trace('last');
tell('all', baseline.metrics['all']);

// Two that are under way at the same time: neither has ended.
const two = [experimentOf('left', 10), experimentOf('right', 100)];
const both = await Promise.all(two.map((one) => one.run()));
trace('both');
if (isMain)
  tell(
    'both',
    both.map((one) => [...one.rows()].map(({ value }) => value)),
  );

// Equal names, each with another closure.
const loop: unknown[] = [];
for (const by of [2, 3]) loop.push((await experimentOf('loop', by).run()).treatments.doubled.metrics);
if (isMain) tell('loop', loop);

// By value, with what is no JSON; and refused where it is a function.
const given = await experimentOf('given', 1).run({
  treatments: ['doubled', treatment('shifted', { shift: new Map([['by', 50]]) })] as never[],
});
if (isMain)
  tell(
    'given',
    [...given.rows()].map(({ condition, value }) => `${condition} ${value}`),
  );
tell(
  'refused',
  await experimentOf('refused', 1)
    .run({ treatments: [treatment('late', (ctx) => ctx.add('k', 3))] as never[] })
    .then(
      ({ treatments }) => treatments,
      ({ code, message }) => ({ code, message }),
    ),
);
trace('end');

async function quietly<T>(call: () => Promise<T>): Promise<T> {
  const { error } = console;
  console.error = () => {};
  try {
    return await call();
  } finally {
    console.error = error;
  }
}
if (isMain) tell('mode', mode);
