import { Redactor } from '../context/redactor.ts';
import type { AnyDatasource } from '../definition/experiment-types.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { messageOf } from '../plugin/error-record.ts';
import { PluginHooks } from '../plugin/plugin-hooks.ts';
import { ActiveRun } from './active-run.ts';
import { Condition } from './condition.ts';
import { describeEnvironment } from './environment.ts';
import { learnSecrets } from './learn-secrets.ts';
import { type PreparedSources, prepareSources, type SourceConditions } from './prepare-sources.ts';
import type { GraphSurroundings } from './resume/graph-surroundings.ts';
import { describeDefinition } from './run-definition.ts';
import type { RunExtras } from './run-experiment.ts';
import type { RunOptions } from './run-options.ts';
import { planRun, type RunPlan } from './run-plan.ts';
import { SerialExecution } from './serial-execution.ts';
import { takesPart } from './takes-part.ts';

/** @internal A run before its plugins are opened: everything is decided, and nothing was written. */
export interface PreparedRun {
  readonly experiment: ResolvedExperiment;
  readonly plan: RunPlan;
  readonly run: ActiveRun;
  readonly hooks: PluginHooks;
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly prepared: PreparedSources;
  /** `undefined` outside a graph. */
  readonly graph: GraphSurroundings | undefined;
  /** What the datasources had to say; to be told once the plugins listen. */
  readonly warnings: readonly string[];
  /** Lets go of what the datasources keep for the run; never rejects. */
  release(): Promise<void>;
}

/**
 * @internal Plans a run and asks the datasources.
 * @throws ExperimentInvalidError @throws ReplicateMismatchError @throws what a datasource throws.
 */
export async function prepareRun(
  experiment: ResolvedExperiment,
  options: RunOptions,
  extras: RunExtras,
): Promise<PreparedRun> {
  const own = experiment.plugins.filter((plugin) => takesPart(plugin, extras.purpose));
  const plan = await planRun(experiment, options, own, extras.inherited);
  const redactor = new Redactor();
  learnSecrets(redactor, experiment, plan);
  const conditions = conditionsOf(experiment, plan, extras.only, redactor);
  const warnings: string[] = [];
  const ends: (() => void | Promise<void>)[] = [];
  // A trial takes as many replicates as it wants of those that the datasource serves.
  const trial = extras.purpose !== 'run' && extras.purpose !== 'explain';
  const preparing = prepareSources(sourcesOf(conditions, extras), {
    replicates: trial ? undefined : plan.replicates,
    get signal() {
      return options.signal ?? new AbortController().signal;
    },
    saved: extras.saved,
    warn: (message) => warnings.push(message),
    onEnd: (release) => ends.push(release),
  });
  const prepared = await preparing.catch(async (error: unknown) => {
    await releaseAll(ends);
    throw error;
  });
  const plugins = [SerialExecution(), ...own];
  const hooks = new PluginHooks(plugins);
  const run = new ActiveRun({
    purpose: extras.purpose,
    strategy: plan.strategy,
    experiment: experiment.info,
    seed: plan.seed,
    replicates: trial
      ? Math.min(plan.replicates ?? 1, prepared.replicates ?? Infinity)
      : (prepared.replicates ?? 1),
    conditions: [...conditions.keys()],
    inputs: prepared.inputs,
    redactor,
    hooks,
    onEvent: options.onEvent,
    definition: (known) => describeDefinition(experiment, plan.treatments, known),
    environment: () => describeEnvironment(experiment.module, plugins),
  });
  const release = async () => {
    for (const error of await releaseAll(ends))
      run.warn(`A datasource could not let go of what it kept for the run: ${messageOf(error)}`);
  };
  return { experiment, plan, run, hooks, conditions, prepared, graph: extras.graph, warnings, release };
}

/** What each failed with; the others are called all the same. */
async function releaseAll(ends: readonly (() => void | Promise<void>)[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(ends.map(async (release) => release()));
  return settled.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
}

function conditionsOf(
  experiment: ResolvedExperiment,
  plan: RunPlan,
  only: string | undefined,
  redactor: Redactor,
): ReadonlyMap<string, Condition> {
  const conditions = new Map<string, Condition>();
  for (const [name, treatment] of plan.treatments) {
    if (only !== undefined && name !== only) continue;
    conditions.set(name, new Condition(name, experiment, treatment, plan.inherited.has(name), redactor));
  }
  return conditions;
}

function sourcesOf(conditions: ReadonlyMap<string, Condition>, extras: RunExtras): SourceConditions {
  const sources = new Map<AnyDatasource, string[]>();
  if (extras.data) return sources;
  for (const [name, { datasource }] of conditions) {
    const served = sources.get(datasource);
    if (served) served.push(name);
    else sources.set(datasource, [name]);
  }
  return sources;
}
