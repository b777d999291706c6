import type {
  AnyExperiment,
  Explanation,
  GraphNode,
  GraphRunOptions,
  Hypothesis,
  Result,
  RunOptions,
} from '@crystallize/core';

/** An experiment as this command uses it; it may come from another copy of core. */
export interface LoadedExperiment extends AnyExperiment {
  readonly hypotheses?: readonly Hypothesis[];
  run(options?: RunOptions): Promise<Result>;
  explain(options?: RunOptions): Promise<Explanation>;
  debug(treatment?: string): Promise<Result>;
}

/** A graph as this command uses it. */
export interface LoadedGraph {
  readonly name?: string | undefined;
  readonly experiments: readonly LoadedExperiment[];
  nodes(): readonly GraphNode[];
  run(options?: GraphRunOptions): Promise<Record<string, Result>>;
  explain(options?: GraphRunOptions): Promise<Record<string, Explanation>>;
}

/** Something found in a file, with the names under which the file exports it. */
export interface Exported<T> {
  readonly value: T;
  readonly exportedAs: readonly string[];
}

/** What a file exports that can be run. */
export interface ExperimentFile {
  /** Absolute path. */
  readonly path: string;
  readonly experiments: readonly Exported<LoadedExperiment>[];
  readonly graphs: readonly Exported<LoadedGraph>[];
}

/** Finds every experiment and graph among the exports of a module, each once. */
export function findExperiments(path: string, namespace: Readonly<Record<string, unknown>>): ExperimentFile {
  const experiments = new Map<LoadedExperiment, string[]>();
  const graphs = new Map<LoadedGraph, string[]>();
  for (const [name, value] of exportsOf(namespace)) {
    if (isExperiment(value)) note(experiments, value, name);
    else if (isGraph(value)) note(graphs, value, name);
  }
  return { path, experiments: exported(experiments), graphs: exported(graphs) };
}

function note<T>(found: Map<T, string[]>, value: T, name: string): void {
  const names = found.get(value);
  if (!names) found.set(value, [name]);
  else if (!names.includes(name)) names.push(name);
}

function exported<T>(found: ReadonlyMap<T, readonly string[]>): readonly Exported<T>[] {
  return [...found].map(([value, exportedAs]) => ({ value, exportedAs }));
}

function exportsOf(namespace: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const named = Object.entries(namespace).filter(([name]) => name !== 'default' && name !== 'module.exports');
  const standard = namespace['default'];
  if (!isObject(standard) || isExperiment(standard) || isGraph(standard))
    return [...named, ['default', standard]];
  // A CommonJS module: its exports stand in the default export, and not all of them outside of it.
  return [...named, ...Object.entries(standard)];
}

/** By shape, since a file may use another copy of core than this command. */
export function isExperiment(value: unknown): value is LoadedExperiment {
  if (!isObject(value) || !('info' in value) || !isObject(value.info)) return false;
  const { info } = value;
  return (
    hasFunctions(value, ['run', 'validate']) &&
    'treatments' in value &&
    Array.isArray(value.treatments) &&
    'id' in info &&
    typeof info.id === 'string' &&
    'directory' in info &&
    typeof info.directory === 'string'
  );
}

/** By shape, as {@link isExperiment}. */
export function isGraph(value: unknown): value is LoadedGraph {
  return (
    isObject(value) &&
    hasFunctions(value, ['run', 'nodes']) &&
    'experiments' in value &&
    Array.isArray(value.experiments) &&
    value.experiments.every(isExperiment)
  );
}

function hasFunctions(value: object, names: readonly string[]): boolean {
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
