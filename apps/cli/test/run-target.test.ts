import { datasource, Experiment, ExperimentGraph, pipelineStep } from '@crystallize/core';
import { describe, expect, test } from 'vitest';
import { CliError } from '../src/cli-error.ts';
import { findExperiments } from '../src/loading/experiment-file.ts';
import { checkTreatments, chooseTarget } from '../src/loading/run-target.ts';

const pass = pipelineStep({ name: 'pass', run: (x: number) => x });

function make(name: string | undefined, upstream: readonly string[] = []) {
  return new Experiment({
    ...(name === undefined ? {} : { name }),
    datasource: { ...datasource(() => 1), upstream },
    pipeline: [pass()],
    treatments: { quick: {}, thorough: {} },
  });
}

function choose(namespace: Record<string, unknown>, wanted?: string) {
  const target = chooseTarget(findExperiments('/home/ada/a.experiment.ts', namespace), wanted);
  return target.experiments.map(({ name, id }) => name ?? id);
}

describe('what is run', () => {
  test('is the only experiment of a file, under whatever name it is exported', () => {
    const one = make('one');
    expect(choose({ one })).toEqual(['one']);
    expect(choose({ default: one, again: one, other: 1, nothing: null, f: () => 1 })).toEqual(['one']);
    expect(choose({ default: { one } })).toEqual(['one']);
  });

  test('is the graph, where it contains the exported experiments', () => {
    const [a, b] = [make('a'), make('b')];
    expect(choose({ a, b, graph: new ExperimentGraph([a, b]) })).toEqual(['a', 'b']);
  });

  test('is recognised by its shape, as one of another copy of core', () => {
    const { id, info, treatments, name, hypotheses, datasource: source, plugins } = make('foreign');
    const foreign = {
      id,
      info,
      treatments,
      name,
      hypotheses,
      datasource: source,
      plugins,
      run() {},
      validate() {},
    };
    expect(choose({ foreign })).toEqual(['foreign']);
  });

  test('has to be named, where there are several', () => {
    const namespace = { a: make('a'), b: make('b'), nameless: make(undefined) };
    expect(() => choose(namespace)).toThrow(/exports 'a', 'b', 'nameless'\. Choose one: --experiment NAME\./);
    expect(choose(namespace, 'b')).toEqual(['b']);
    expect(choose(namespace, 'nameless')).toEqual([namespace.nameless.id]);
  });

  test('can be one experiment of a graph, exported or not, and the graph by its name', () => {
    const [a, b, c] = [make('a'), make('b'), make('c')];
    const namespace = { a, graph: new ExperimentGraph([a, b], { name: 'pair' }), c };
    expect(choose(namespace, 'b')).toEqual(['b']);
    expect(choose(namespace, 'pair')).toEqual(['a', 'b']);
    expect(choose(namespace, 'graph')).toEqual(['a', 'b']);
    expect(() => choose(namespace)).toThrow(/'pair', 'c'/);
  });

  test("counts an experiment's own name before the name of another's export", () => {
    expect(choose({ b: make('a'), other: make('b') }, 'b')).toEqual(['b']);
  });

  test('that is misspelled is told with what was probably meant', () => {
    expect(() => choose({ a: make('penguins') }, 'pengiuns')).toThrow(
      /no experiment 'pengiuns'\. Did you mean 'penguins'\?/,
    );
    expect(() => choose({ a: make('same'), b: make('same') }, 'same')).toThrow(
      /2 experiments or graphs named 'same'.*'a', 'b'/,
    );
    expect(() => choose({ x: 1 })).toThrow(/exports no experiment/);
  });

  test('is hinted to be a graph, where one experiment reads from another', () => {
    const a = make('a');
    const b = new Experiment({
      name: 'b',
      datasource: { ...datasource(() => 1), upstream: [a] },
      pipeline: [pass()],
    });
    expect(() => choose({ a, b })).toThrow('new ExperimentGraph([a, b])');
  });
});

test('treatments are checked before anything runs', () => {
  const target = chooseTarget(findExperiments('/home/ada/a.ts', { a: make('a') }), undefined);
  expect(checkTreatments(target, ['quick', 'baseline', 'quick'])).toEqual(['quick', 'baseline']);
  expect(() => checkTreatments(target, ['quik'])).toThrow(CliError);
  expect(() => checkTreatments(target, ['quik'])).toThrow("Did you mean 'quick'?");
});
