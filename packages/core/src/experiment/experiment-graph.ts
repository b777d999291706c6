import { asError } from '../errors/error-record.ts';
import { ExperimentInvalidError, GraphInvalidError } from '../errors/run-errors.ts';
import { runExperiment } from '../execution/run-experiment.ts';
import type { RunOptions } from '../execution/run-options.ts';
import type { Result } from '../result/result.ts';
import { missingResult } from '../result/missing-result.ts';
import { resolvedOf } from './experiment.ts';
import { graphOrder } from './graph-order.ts';
import type { ResolvedExperiment } from './resolved-experiment.ts';
import { rememberResult, savedRunsOf } from './saved-runs.ts';
import type { Treatment } from './treatment.ts';
import type { AnyExperiment } from './any-experiment.ts';

/** How a graph is to run; each experiment gets the same. */
export type GraphRunOptions = Pick<
  RunOptions,
  'treatments' | 'replicates' | 'seed' | 'strategy' | 'failFast' | 'timeout' | 'retries' | 'signal' | 'onEvent'
>;

/** What a graph may be given beside its experiments. */
export interface ExperimentGraphOptions {
  readonly name?: string;
}

/** An experiment of a graph, with what it depends on. */
export interface GraphNode {
  readonly name: string;
  readonly experiment: AnyExperiment;
  /** Names of the experiments it reads from. */
  readonly upstream: readonly string[];
}

/**
 * Experiments that read each other's artifacts, run in order of dependency; independent branches run
 * side by side. The edges follow from the datasources.
 *
 * @example
 * const results = await new ExperimentGraph([training, evaluation]).run();
 * results.evaluation.status; // 'skipped' when training as a whole has failed
 */
export class ExperimentGraph {
  readonly name: string | undefined;
  readonly experiments: readonly AnyExperiment[];

  constructor(experiments: readonly AnyExperiment[], options: ExperimentGraphOptions = {}) {
    this.experiments = Object.freeze([...experiments]);
    this.name = options.name;
  }

  /**
   * The experiments in the order of their dependencies.
   * @throws GraphInvalidError for a cycle, an unnamed experiment, two of one name, or an upstream that is not in the graph.
   */
  nodes(): readonly GraphNode[] {
    return graphOrder(this.experiments);
  }

  /** @throws GraphInvalidError for the graph. @throws ExperimentInvalidError for an experiment in it. */
  async validate(): Promise<void> {
    const nodes = this.nodes();
    for (const node of nodes) await node.experiment.validate();
  }

  /**
   * Runs every experiment once. One that throws yields a failed result, and what needs it is skipped;
   * the others go on. `treatments` apply where an experiment has them.
   *
   * @throws GraphInvalidError before anything runs. @throws the reason of `signal` when it is aborted.
   */
  async run(options: GraphRunOptions = {}): Promise<Record<string, Result>> {
    const nodes = this.nodes();
    const names = treatmentNames(options, nodes);
    const running = new Map<string, Promise<Result>>();
    for (const node of nodes) running.set(node.name, this.#runNode(node, running, nodes, options, names));
    const settled = await Promise.allSettled(running.values());
    options.signal?.throwIfAborted();
    const broken = settled.find((entry) => entry.status === 'rejected');
    if (broken) throw broken.reason;
    return Object.fromEntries(await Promise.all([...running].map(async ([name, result]) => [name, await result])));
  }

  async #runNode(
    node: GraphNode,
    running: ReadonlyMap<string, Promise<Result>>,
    nodes: readonly GraphNode[],
    { treatments: _treatments, ...options }: GraphRunOptions,
    names: ReadonlySet<string> | undefined,
  ): Promise<Result> {
    const { experiment, name, upstream } = node;
    for (const needed of upstream) {
      const result = await running.get(needed);
      if (result?.error) {
        const reason = new GraphInvalidError(`'${name}' was skipped, since '${needed}', which it reads from, ${result.status === 'skipped' ? 'was skipped' : 'failed'}: ${result.error.message}`);
        return missingResult(experiment.info, 'skipped', reason);
      }
    }
    const resolved = resolvedOf(experiment) as ResolvedExperiment;
    const wanted = (list: readonly Treatment[]) => (names ? list.filter((treatment) => names.has(treatment.name)) : list);
    const inherited = wanted(inheritedBy(node, nodes));
    const own = names ? { treatments: wanted(resolved.treatments) } : {};
    // A downstream count comes from what it reads, so that only the sources take the option.
    const { replicates, ...rest } = options;
    const count = replicates === undefined || upstream.length > 0 ? {} : { replicates };
    try {
      const result = await runExperiment(resolved, { ...rest, ...own, ...count }, { purpose: 'run', inherited, saved: savedRunsOf(resolved) });
      rememberResult(experiment, result);
      return result;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      return missingResult(experiment.info, 'failed', asError(error));
    }
  }
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
      if (treatment.name !== 'baseline' && !found.has(treatment.name)) found.set(treatment.name, withoutSource(treatment));
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

function treatmentNames(options: GraphRunOptions, nodes: readonly GraphNode[]): ReadonlySet<string> | undefined {
  if (options.treatments === undefined) return undefined;
  const known = new Set(nodes.flatMap((node) => node.experiment.treatments.map((treatment) => treatment.name)));
  const names = options.treatments.map((entry) => (typeof entry === 'string' ? entry : entry.name));
  const unknown = names.filter((name) => name !== 'baseline' && !known.has(name));
  if (unknown.length === 0) return new Set(names);
  const list = [...known].map((name) => `'${name}'`).join(', ');
  throw new ExperimentInvalidError('The graph', unknown.map((name) => `no experiment has a treatment '${name}'. There are: ${list || 'none'}.`));
}
