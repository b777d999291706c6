import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { ExperimentInvalidError } from '../errors/run-errors.ts';
import type { RunOptions } from '../execution/run-options.ts';
import { resolvedOf } from './experiment.ts';
import type { GraphNode, GraphRunOptions } from './experiment-graph.ts';

/** @internal An experiment of a graph, and how it is to run there. */
export interface NodePlan {
  readonly node: GraphNode;
  readonly experiment: ResolvedExperiment;
  readonly options: RunOptions;
  /** Treatments of the experiments upstream. */
  readonly inherited: readonly Treatment[];
}

/** @internal What the options of a graph mean for each of its experiments. @throws ExperimentInvalidError */
export function planNodes(nodes: readonly GraphNode[], options: GraphRunOptions): readonly NodePlan[] {
  const names = treatmentNames(options, nodes);
  const wanted = (list: readonly Treatment[]) =>
    names ? list.filter((treatment) => names.has(treatment.name)) : list;
  const { replicates, treatments: _treatments, ...rest } = options;
  return nodes.map((node) => {
    const experiment = resolvedOf(node.experiment) as ResolvedExperiment;
    const own = names ? { treatments: wanted(experiment.treatments) } : {};
    // A downstream count comes from what it reads, so that only the sources take the option.
    const count = replicates === undefined || node.upstream.length > 0 ? {} : { replicates };
    return {
      node,
      experiment,
      options: { ...rest, ...own, ...count },
      inherited: wanted(inheritedBy(node, nodes)),
    };
  });
}

/** The treatments of everything upstream, the nearest first where several have one of a name. */
function inheritedBy(node: GraphNode, nodes: readonly GraphNode[]): readonly Treatment[] {
  const found = new Map<string, Treatment>();
  const byName = new Map(nodes.map((entry) => [entry.name, entry]));
  const visit = (name: string) => {
    const entry = byName.get(name);
    if (!entry) return;
    for (const treatment of entry.experiment.treatments) {
      // The values of an upstream baseline are that experiment's own affair.
      if (treatment.name !== 'baseline' && !found.has(treatment.name))
        found.set(treatment.name, withoutSource(treatment));
    }
    for (const further of entry.upstream) visit(further);
  };
  for (const name of node.upstream) visit(name);
  return [...found.values()];
}

/** Data of its own was meant for the experiment that declares the treatment. */
function withoutSource({ datasource: _datasource, ...treatment }: Treatment): Treatment {
  return treatment;
}

function treatmentNames(
  options: GraphRunOptions,
  nodes: readonly GraphNode[],
): ReadonlySet<string> | undefined {
  if (options.treatments === undefined) return undefined;
  const known = new Set(
    nodes.flatMap((node) => node.experiment.treatments.map((treatment) => treatment.name)),
  );
  const names = options.treatments.map((entry) => (typeof entry === 'string' ? entry : entry.name));
  const unknown = names.filter((name) => name !== 'baseline' && !known.has(name));
  if (unknown.length === 0) return new Set(names);
  const list = [...known].map((name) => `'${name}'`).join(', ');
  throw new ExperimentInvalidError(
    'The graph',
    unknown.map((name) => `no experiment has a treatment '${name}'. There are: ${list || 'none'}.`),
  );
}
