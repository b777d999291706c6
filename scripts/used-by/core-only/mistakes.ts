// What the compiler must refuse: the line after each mark is a mistake. `tsc -p .` fails when one is let through.
import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { experiment } from './experiment.ts';

const numbers = datasource(() => [1, 2, 3]);
const first = pipelineStep({
  name: 'first',
  params: { at: 0 },
  run: (values: readonly number[], _ctx, { at }) => values[at] ?? 0,
});
const shout = pipelineStep({ name: 'shout', run: (text: string) => text.toUpperCase() });

new Experiment({
  name: 'mismatch',
  datasource: numbers,
  // @ts-expect-error: `first` gives a number, `shout` takes a string.
  pipeline: [first(), shout()],
});

new Experiment({
  name: 'unknown param',
  datasource: numbers,
  pipeline: [first()],
  // @ts-expect-error: no step has a param `att`.
  treatments: { late: { att: 2 } },
});

new Experiment({
  name: 'wrong type',
  datasource: numbers,
  pipeline: [first()],
  // @ts-expect-error: `at` is a number.
  treatments: { late: { at: 'end' } },
});

new Experiment({
  name: 'fixed param',
  datasource: numbers,
  pipeline: [first({ at: 1 })],
  // @ts-expect-error: `at` is fixed, so no treatment can set it.
  treatments: { late: { at: 2 } },
});

// @ts-expect-error: the step has no param `to`.
first({ to: 1 });

const result = await experiment.run();
const totals: readonly unknown[] | undefined = result.treatments.doubled.metrics.total;
// @ts-expect-error: there is no treatment of that name.
console.log(totals, result.treatments.quadrupled);
