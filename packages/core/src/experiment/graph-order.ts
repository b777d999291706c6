import type { UpstreamExperiment } from '../datasource/datasource.ts';
import { GraphInvalidError } from '../errors/run-errors.ts';
import type { AnyExperiment } from './any-experiment.ts';
import type { GraphNode } from './experiment-graph.ts';

/** @internal The experiments with their edges, each after what it reads from (Kahn's algorithm). */
export function graphOrder(experiments: readonly AnyExperiment[]): readonly GraphNode[] {
  const nodes = namedNodes(experiments);
  const ordered: GraphNode[] = [];
  const waiting = new Map(nodes);
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((node) => !node.upstream.some((name) => waiting.has(name)));
    if (ready.length === 0)
      throw new GraphInvalidError(`The experiments need each other: ${cycleIn(waiting)}. Break the cycle.`);
    for (const node of ready) waiting.delete(node.name);
    ordered.push(...ready);
  }
  return ordered;
}

function namedNodes(experiments: readonly AnyExperiment[]): ReadonlyMap<string, GraphNode> {
  const names = new Set<string>();
  for (const [index, { name }] of experiments.entries()) {
    if (name === undefined)
      throw new GraphInvalidError(`Experiment ${index} of the graph has no name. In a graph each needs one.`);
    if (names.has(name))
      throw new GraphInvalidError(
        `Two experiments of the graph are named '${name}'. Each needs a name of its own.`,
      );
    names.add(name);
  }
  return new Map(
    experiments.map((experiment) => {
      const name = experiment.name as string;
      // A name that is not in the graph is a run that is kept already, and is read as it is.
      const upstream = upstreamOf(experiment).flatMap((entry) => nameIn(entry, name, names));
      return [name, { name, experiment, upstream: [...new Set(upstream)] }];
    }),
  );
}

function upstreamOf(experiment: AnyExperiment): readonly UpstreamExperiment[] {
  const sources = [experiment.datasource, ...experiment.treatments.map((treatment) => treatment.datasource)];
  return sources.flatMap((source) => source?.upstream ?? []);
}

function nameIn(upstream: UpstreamExperiment, reader: string, names: ReadonlySet<string>): readonly string[] {
  if (typeof upstream === 'string') return names.has(upstream) ? [upstream] : [];
  const { name } = upstream.info;
  if (name === undefined)
    throw new GraphInvalidError(
      `'${reader}' reads from an experiment without a name. In a graph each needs one.`,
    );
  return names.has(name) ? [name] : [];
}

function cycleIn(waiting: ReadonlyMap<string, GraphNode>): string {
  const path: string[] = [];
  let at = waiting.values().next().value;
  while (at && !path.includes(at.name)) {
    path.push(at.name);
    at = waiting.get(at.upstream.find((name) => waiting.has(name)) ?? '');
  }
  const loop = at ? path.slice(path.indexOf(at.name)) : path;
  return [...loop, loop[0]].map((name) => `'${name}'`).join(' reads from ');
}
