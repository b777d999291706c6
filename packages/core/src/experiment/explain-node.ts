import { CrystallizeError } from '../errors/crystallize-error.ts';
import { explainRun } from '../execution/resume/explain-run.ts';
import type { Explanation, PlannedCell } from '../execution/resume/explanation.ts';
import type { GraphNode } from './experiment-graph.ts';
import type { NodePlan } from './graph-node-plan.ts';
import { savedRunsOf } from './saved-runs.ts';

/** @internal Explains an experiment of a graph, given what was found of those upstream. */
export async function explainNode(
  { node, experiment, options, inherited }: NodePlan,
  explained: ReadonlyMap<string, Explanation>,
): Promise<Explanation> {
  const again = cellsToRun(explained);
  const runsAgain = ({ experiment: name, replicate, condition }: UpstreamCell) =>
    again.get(name)?.has(`${replicate}/${condition}`) === true;
  const saved = savedRunsOf(experiment);
  try {
    const explanation = await explainRun(experiment, options, { inherited, saved, graph: { runsAgain } });
    const counted = options.replicates === undefined && experiment.replicates === undefined;
    return counted ? withFurther(explanation, node, explained) : explanation;
  } catch (error) {
    const upstream = node.upstream
      .map((name) => explained.get(name))
      .find((entry) => (entry?.missing ?? 0) > 0);
    // What it reads is not there before the experiments upstream have run.
    if (!upstream || !(error instanceof CrystallizeError && error.code === 'ARTIFACT_NOT_FOUND')) throw error;
    const conditions = [
      'baseline',
      ...new Set([...inherited, ...experiment.treatments].map(({ name }) => name)),
    ];
    return afterUpstream(upstream, {
      ...upstream,
      experiment: experiment.info,
      conditions: [...new Set(conditions)],
    });
  }
}

/** Its count of replicates is that of what it reads, as it will be by then. */
function withFurther(
  explanation: Explanation,
  { upstream }: GraphNode,
  explained: ReadonlyMap<string, Explanation>,
): Explanation {
  const counts = upstream.map((name) => explained.get(name)?.replicates ?? 0);
  const replicates = Math.max(explanation.replicates, ...counts);
  const further = replicates - explanation.replicates;
  if (further <= 0) return explanation;
  const names = upstream.map((name) => `'${name}'`).join(' and ');
  const added = Array.from({ length: further }, (_, index) =>
    explanation.conditions.map((condition): PlannedCell => {
      const replicate = explanation.replicates + index;
      return {
        replicate,
        condition,
        action: 'run',
        reason: `${names}, which it reads, runs that replicate first`,
      };
    }),
  ).flat();
  const cells = [...explanation.cells, ...added];
  const missing = explanation.missing + added.length;
  return { ...explanation, replicates, cells, missing, [Symbol.iterator]: () => cells.values() };
}

interface UpstreamCell {
  readonly experiment: string;
  readonly replicate: number;
  readonly condition: string;
}

function cellsToRun(explained: ReadonlyMap<string, Explanation>): ReadonlyMap<string, ReadonlySet<string>> {
  const keysOf = ({ cells }: Explanation) =>
    new Set(
      cells.flatMap(({ action, replicate, condition }) =>
        action === 'run' ? [`${replicate}/${condition}`] : [],
      ),
    );
  return new Map([...explained].map(([name, explanation]) => [name, keysOf(explanation)]));
}

function afterUpstream(upstream: Explanation, shape: Explanation): Explanation {
  const { replicates, conditions } = shape;
  const reason = `'${upstream.experiment.directory}', which it reads, has to run first`;
  const cells = Array.from({ length: replicates }, (_, replicate) =>
    conditions.map((condition): PlannedCell => ({ replicate, condition, action: 'run', reason })),
  ).flat();
  return {
    ...shape,
    version: undefined,
    seed: undefined,
    cells,
    restored: 0,
    missing: cells.length,
    differences: [],
    notes: [],
    [Symbol.iterator]: () => cells.values(),
  };
}
