import { executeCall } from '../calls/execute-call.ts';
import type { CallMethod } from '../calls/past-call.ts';
import { GraphInvalidError } from '../errors/run-errors.ts';
import type { Explanation } from '../execution/resume/explanation.ts';
import { runExperiment } from '../execution/run-experiment.ts';
import type { RunOptions } from '../execution/run-options.ts';
import { planRun } from '../execution/run-plan.ts';
import { asError } from '../plugin/error-record.ts';
import { missingResult } from '../result/missing-result.ts';
import { keepPartialResults } from '../result/partial-result.ts';
import type { Result } from '../result/result.ts';
import type { AnyExperiment } from './any-experiment.ts';
import { resolvedOf } from './experiment.ts';
import { explainNode } from './explain-node.ts';
import { type NodePlan, planNodes } from './graph-node-plan.ts';
import { graphOrder } from './graph-order.ts';
import { rememberResult, savedRunsOf } from './saved-runs.ts';

/** How a graph is to run; each experiment gets the same. */
export type GraphRunOptions = Pick<
  RunOptions,
  | 'treatments'
  | 'replicates'
  | 'seed'
  | 'strategy'
  | 'accept'
  | 'failFast'
  | 'timeout'
  | 'retries'
  | 'signal'
  | 'onEvent'
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

  /**
   * Each experiment as it would run in the graph, with the treatments that it inherits.
   * @throws GraphInvalidError for the graph. @throws ExperimentInvalidError for an experiment in it.
   */
  async validate(options: GraphRunOptions = {}): Promise<void> {
    await validateNodes(planNodes(this.nodes(), options));
  }

  /**
   * Runs every experiment once. One that throws yields a failed result, and what needs it is skipped;
   * the others go on. `treatments` apply where an experiment has them, `replicates` where it reads from none.
   *
   * @throws GraphInvalidError or ExperimentInvalidError before anything runs.
   * @throws the reason of `signal` when it is aborted.
   */
  async run(options: GraphRunOptions = {}): Promise<Record<string, Result>> {
    return this.#execute('graph.run', () => this.#run(options));
  }

  async #run(options: GraphRunOptions): Promise<Record<string, Result>> {
    const plans = planNodes(this.nodes(), options);
    await validateNodes(plans);
    const running = new Map<string, Promise<Result>>();
    const partial: Record<string, Result> = {};
    for (const plan of plans) {
      const { name } = plan.node;
      const keep = (result: Result) => {
        partial[name] = result;
      };
      running.set(name, runNode(plan, running, options.signal, keep));
    }
    const settled = await Promise.allSettled(running.values());
    const broken = settled.find((entry) => entry.status === 'rejected');
    if (broken || options.signal?.aborted) {
      const reason: unknown = broken ? broken.reason : options.signal?.reason;
      const ended = [...running.keys()].flatMap((name, index) => {
        const entry = settled[index];
        const result = entry?.status === 'fulfilled' ? entry.value : partial[name];
        return result ? [[name, result] as const] : [];
      });
      keepPartialResults(reason, Object.fromEntries(ended));
      throw reason;
    }
    return Object.fromEntries(
      await Promise.all([...running].map(async ([name, result]) => [name, await result])),
    );
  }

  /**
   * Tells what `run({ strategy: 'resume', … })` would do with each cell of each experiment, and why.
   * Nothing is run, written or locked.
   *
   * @throws GraphInvalidError or ExperimentInvalidError. @throws ResumeUnsupportedError when an
   * experiment has no plugin that can restore.
   */
  async explain(options: GraphRunOptions = {}): Promise<Record<string, Explanation>> {
    return this.#execute('graph.explain', async () => {
      const plans = planNodes(this.nodes(), { strategy: 'resume', ...options });
      await validateNodes(plans);
      const explained = new Map<string, Explanation>();
      for (const plan of plans) explained.set(plan.node.name, await explainNode(plan, explained));
      return Object.fromEntries(explained);
    });
  }

  #execute<T>(method: CallMethod, execute: () => Promise<T>): Promise<T> {
    const experiments = this.experiments.flatMap((one) => resolvedOf(one) ?? []);
    return executeCall({ method, experiments }, execute);
  }
}

async function validateNodes(plans: readonly NodePlan[]): Promise<void> {
  for (const { experiment, options, inherited } of plans) {
    await planRun(experiment, options, experiment.plugins, inherited);
  }
}

/** Of a list of differences only what it is about: the experiment that failed tells them. */
function firstSentence({ message }: Error): string {
  return message.split('\n', 1)[0]?.replace(/:$/, '.') ?? '';
}

async function runNode(
  { node, experiment, options, inherited }: NodePlan,
  running: ReadonlyMap<string, Promise<Result>>,
  signal: AbortSignal | undefined,
  keep: (partial: Result) => void,
): Promise<Result> {
  for (const needed of node.upstream) {
    const result = await running.get(needed);
    if (!result?.error) continue;
    const what = result.status === 'skipped' ? 'was skipped' : 'failed';
    const reason = `'${node.name}' was skipped, since '${needed}', which it reads from, ${what}: ${firstSentence(result.error)}`;
    return missingResult(experiment.info, 'skipped', new GraphInvalidError(reason));
  }
  let partial: Result | undefined;
  const onPartial = (result: Result) => {
    partial = result;
    keep(result);
  };
  try {
    const saved = savedRunsOf(experiment);
    const extras = { purpose: 'run', inherited, saved, graph: {}, onPartial } as const;
    const result = await runExperiment(experiment, options, extras);
    rememberResult(node.experiment, result);
    return result;
  } catch (error) {
    if (signal?.aborted) throw error;
    return partial ?? missingResult(experiment.info, 'failed', asError(error));
  }
}
