import { basename } from 'node:path';
import type { Explanation, GraphRunOptions, Result, RunOptions } from '@crystallize/core';
import { CliError } from '../cli-error.ts';
import { listed } from '../text/count.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { plainLine } from '../text/plain-text.ts';
import type { ExperimentFile, Exported, LoadedExperiment, LoadedGraph } from './experiment-file.ts';

/** How a target is to run. A `version` only an experiment takes: those of a graph have versions of their own. */
export type TargetOptions = GraphRunOptions & Pick<RunOptions, 'version' | 'accept'>;

/** What is to be run: an experiment, or a graph of them. */
export interface RunTarget {
  readonly kind: 'experiment' | 'graph';
  /** In the order in which they can run. */
  readonly experiments: readonly LoadedExperiment[];
  /** Results by name of the experiment (by its id where it has none). */
  run(options: TargetOptions): Promise<Readonly<Record<string, Result>>>;
  /** What a run with the same options would do, by the same names. */
  explain(options: TargetOptions): Promise<Readonly<Record<string, Explanation>>>;
}

/** Something that can be run, with the names by which it can be chosen. */
export interface Candidate {
  readonly target: RunTarget;
  /** The experiment or the graph itself. */
  readonly value: LoadedExperiment | LoadedGraph;
  /** Its own name, then those of its exports. */
  readonly names: readonly string[];
}

/**
 * Chooses what to run in a file: what it exports, when that is one experiment or one graph, whose
 * experiments may be exported as well; else what is named.
 *
 * @param wanted The name of an experiment, of a graph or of an export.
 * @throws CliError when that is not clear, with the names there are.
 */
export function chooseTarget(file: ExperimentFile, wanted: string | undefined): RunTarget {
  const inGraphs = new Set(file.graphs.flatMap((graph) => graph.value.experiments));
  const graphs = file.graphs.map(ofGraph);
  const single = file.experiments.filter(({ value }) => !inGraphs.has(value)).map(ofExperiment);
  const name = plainLine(basename(file.path));
  const alone = [...graphs, ...single];
  if (wanted !== undefined) return namedTarget(candidatesIn(file), wanted, name);
  const [only] = alone;
  if (only && alone.length === 1) return only.target;
  if (only)
    throw new CliError(
      `${name} exports ${listed(alone.map(label))}. Choose one: --experiment NAME.${graphHint(file, single)}`,
    );
  throw new CliError(
    `${name} exports no experiment. Export one from it: export const experiment = new Experiment({ … }), or an ExperimentGraph.`,
  );
}

/** All that a file has: its graphs, the experiments that it exports, and those that only its graphs hold. */
export function candidatesIn(file: ExperimentFile): readonly Candidate[] {
  const exported = new Set(file.experiments.map(({ value }) => value));
  const inner = new Set(file.graphs.flatMap(({ value }) => value.experiments));
  const hidden = [...inner].filter((experiment) => !exported.has(experiment));
  return [
    ...file.graphs.map(ofGraph),
    ...file.experiments.map(ofExperiment),
    ...hidden.map((value) => ofExperiment({ value, exportedAs: [] })),
  ];
}

function namedTarget(all: readonly Candidate[], wanted: string, file: string): RunTarget {
  // A name that its author has given counts more than that of a variable.
  const own = all.filter(({ target, names }) => names[0] === wanted && nameOf(target) === wanted);
  const found = own.length > 0 ? own : all.filter(({ names }) => names.includes(wanted));
  const [only] = found;
  if (only && found.length === 1) return only.target;
  if (only) {
    throw new CliError(
      `${file} has ${found.length} experiments or graphs named '${plainLine(wanted)}'. Choose one by the name of its export: ${listed(found.map(({ names }) => names.at(-1) ?? ''))}.`,
    );
  }
  const names = [...new Set(all.flatMap((candidate) => candidate.names))];
  if (names.length === 0)
    throw new CliError(`${file} exports no experiment, so there is no '${plainLine(wanted)}' in it.`);
  throw new CliError(
    `${file} has no experiment '${plainLine(wanted)}'.${didYouMean(wanted, names)} There are: ${listed(all.map(label))}.`,
  );
}

function ofExperiment({ value, exportedAs }: Exported<LoadedExperiment>): Candidate {
  const { name, info } = value;
  return {
    value,
    names: [...(name === undefined ? [] : [name]), ...exportedAs],
    target: {
      kind: 'experiment',
      experiments: [value],
      run: async (options) => ({ [info.directory]: await value.run(options) }),
      explain: async (options) => ({ [info.directory]: await value.explain(options) }),
    },
  };
}

function ofGraph({ value, exportedAs }: Exported<LoadedGraph>): Candidate {
  const { name } = value;
  return {
    value,
    names: [...(name === undefined ? [] : [name]), ...exportedAs],
    target: {
      kind: 'graph',
      experiments: value.experiments,
      run: (options) => value.run(options),
      explain: (options) => value.explain(options),
      ...(name === undefined ? {} : { name }),
    },
  };
}

/** The name that its author has given it. */
export function nameOf(target: RunTarget & { readonly name?: string }): string | undefined {
  return target.kind === 'graph' ? target.name : target.experiments[0]?.name;
}

/** What it is called where it is listed. */
export function label({ names, target }: Candidate): string {
  return plainLine(names[0] ?? target.experiments[0]?.id ?? '');
}

/** Experiments that need each other are better run together. */
function graphHint(file: ExperimentFile, single: readonly Candidate[]): string {
  if (file.graphs.length > 0 || single.length < 2) return '';
  const ids = new Set(file.experiments.map(({ value }) => value.id));
  const related = file.experiments.some(({ value }) =>
    value.datasource?.upstream?.some((upstream) => typeof upstream === 'object' && ids.has(upstream.info.id)),
  );
  if (!related) return '';
  const variables = file.experiments.map(({ exportedAs }) => exportedAs[0] ?? '').join(', ');
  return ` To run them together, also export const graph = new ExperimentGraph([${variables}]).`;
}

/**
 * The treatments that were asked for, checked.
 * @throws CliError for one that no experiment of the target has.
 */
export function checkTreatments(target: RunTarget, wanted: readonly string[]): readonly string[] {
  const known = [
    ...new Set(target.experiments.flatMap(({ treatments }) => treatments.map(({ name }) => name))),
  ];
  for (const name of wanted) {
    if (name === 'baseline' || known.includes(name)) continue;
    const there =
      known.length > 0 ? `The treatments are: ${listed(known.map(plainLine))}.` : 'It has no treatments.';
    throw new CliError(`There is no treatment '${plainLine(name)}'.${didYouMean(name, known)} ${there}`);
  }
  return [...new Set(wanted)];
}
