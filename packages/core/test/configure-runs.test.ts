import {
  AsyncExecution,
  configureRuns,
  Experiment,
  ExperimentInvalidError,
  type Plugin,
} from '@crystallize/core';
import { afterEach, expect, test, vi } from 'vitest';
import { configuredSetup } from '../src/definition/configure-runs.ts';
import { experimentOf, rejection, replicateIndex, score } from './support/experiments.ts';

const undo: (() => void)[] = [];
const configure: typeof configureRuns = (configuration) => {
  const end = configureRuns(configuration);
  undo.unshift(end);
  return end;
};
afterEach(() => {
  for (const end of undo.splice(0)) end();
});

const named = (name: string): Plugin => ({ name });
const namesOf = (experiment: { readonly plugins: readonly Plugin[] }) =>
  experiment.plugins.map(({ name }) => name);

test('plugins are adapted when an experiment is constructed, and the adapted ones take part in its runs', async () => {
  const used: string[] = [];
  const before = experimentOf(() => 1, { plugins: [named('own')] });
  configure({
    adapt: (plugins) => [...plugins, { name: 'added', beforeRun: () => void used.push('added') }],
  });
  const experiment = experimentOf(() => 1, { plugins: [named('own')] });
  expect([namesOf(before), namesOf(experiment)]).toEqual([['own'], ['own', 'added']]);
  await experiment.run();
  expect(used).toEqual(['added']);
});

test('an experiment keeps the plugins that it was constructed with', () => {
  const list: Plugin[] = [named('first')];
  const end = configure({ adapt: () => list });
  const experiment = experimentOf(() => 1);
  list.push(named('late'));
  end();
  expect(namesOf(experiment)).toEqual(['first']);
  expect(namesOf(experimentOf(() => 1))).toEqual([]);
});

test('a later configuration replaces an earlier one, with its setup, until it is undone', () => {
  configure({ adapt: (plugins) => [...plugins, named('a')], setup: { url: 'file:///a.js', export: 'a' } });
  const end = configure({ adapt: (plugins) => [...plugins, named('b')] });
  expect([namesOf(experimentOf(() => 1)), configuredSetup()]).toEqual([['b'], undefined]);
  end();
  expect([namesOf(experimentOf(() => 1)), configuredSetup()?.url]).toEqual([['a'], 'file:///a.js']);
});

test('it holds for experiments of another copy of the package', async () => {
  vi.resetModules();
  const copy = await import('@crystallize/core');
  expect(copy.Experiment).not.toBe(Experiment);
  configure({ adapt: () => [named('added')] });
  const experiment = new copy.Experiment({ datasource: replicateIndex(), pipeline: [score()] });
  expect(namesOf(experiment)).toEqual(['added']);
});

test.each<[what: string, adapt: () => never, says: RegExp]>([
  [
    'that throws',
    () => {
      throw new Error('no store today');
    },
    /could not be adapted.*: no store today/,
  ],
  ['that gives no list', (() => AsyncExecution()) as () => never, /gave no list of plugins/],
])(
  'an adapt function %s is told by validate(), not thrown by the constructor',
  async (_what, adapt, says) => {
    configure({ adapt });
    const experiment = experimentOf(() => 1);
    const error = await rejection(experiment.validate());
    expect(error).toBeInstanceOf(ExperimentInvalidError);
    expect((error as Error).message).toMatch(says);
  },
);
