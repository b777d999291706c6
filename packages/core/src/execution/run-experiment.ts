import { Redactor } from '../context/redactor.ts';
import type { DatasourceScope } from '../datasource/datasource.ts';
import type { AnyDatasource } from '../definition/experiment-types.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { Plugin } from '../plugin/plugin.ts';
import { PluginHooks } from '../plugin/plugin-hooks.ts';
import type { RunPurpose } from '../plugin/run-handle.ts';
import type { Result } from '../result/result.ts';
import { ActiveRun } from './active-run.ts';
import type { CellSpecials } from './cell-runner.ts';
import type { CommitListener } from './commit-queue.ts';
import { Condition } from './condition.ts';
import { describeEnvironment } from './environment.ts';
import { learnSecrets } from './learn-secrets.ts';
import { prepareSources, type SourceConditions } from './prepare-sources.ts';
import { runCells } from './run-cells.ts';
import { describeDefinition } from './run-definition.ts';
import { closeRun, openRun } from './run-lifecycle.ts';
import type { RunOptions } from './run-options.ts';
import { planRun, type RunPlan } from './run-plan.ts';
import { SerialExecution } from './serial-execution.ts';
import { stopWith } from './stop.ts';

/** @internal What a run is beside its options. */
export interface RunExtras extends CellSpecials {
  readonly purpose: RunPurpose;
  /** Treatments of upstream experiments. */
  readonly inherited?: readonly Treatment[];
  /** How a datasource finds the runs of another experiment. */
  readonly saved: DatasourceScope['saved'];
  /** Told of each committed record. */
  readonly onCell?: CommitListener['committed'];
  /** Runs this condition alone, also without the baseline. */
  readonly only?: string;
}

/**
 * @internal Runs every cell of an experiment and gathers what came of it: plans, asks the datasources,
 * opens the plugins, runs the cells, and closes the plugins whatever happened.
 */
export async function runExperiment(
  experiment: ResolvedExperiment,
  options: RunOptions,
  extras: RunExtras,
): Promise<Result> {
  options.signal?.throwIfAborted();
  const own = experiment.plugins.filter((plugin) => takesPart(plugin, extras.purpose));
  const plan = await planRun(experiment, options, own, extras.inherited);
  const redactor = new Redactor();
  learnSecrets(redactor, experiment, plan);
  const conditions = conditionsOf(experiment, plan, extras.only, redactor);
  const early: string[] = [];
  // A trial takes as many replicates as it wants of those that the datasource serves.
  const trial = extras.purpose !== 'run';
  const prepared = await prepareSources(sourcesOf(conditions, extras), {
    replicates: trial ? undefined : plan.replicates,
    get signal() {
      return options.signal ?? new AbortController().signal;
    },
    saved: extras.saved,
    warn: (message) => early.push(message),
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
    definition: () => describeDefinition(experiment, plan.treatments),
    environment: () => describeEnvironment(experiment.module, plugins),
  });
  const unlink = stopWith(run, options.signal);
  const opened: Plugin[] = [];
  const [ended] = await Promise.allSettled([
    openRun(run, hooks, opened).then((shared) => {
      for (const message of early) run.warn(message);
      return runCells({ experiment, plan, run, hooks, conditions, prepared, shared, extras });
    }),
  ]);
  unlink();
  return closeRun(run, opened, ended);
}

/**
 * Plugins that store are left out of everything but a run, so that a trial never overwrites one; a
 * debug run is always serial.
 */
function takesPart(plugin: Plugin, purpose: RunPurpose): boolean {
  if (purpose === 'run') return true;
  return !(
    plugin?.artifacts ||
    plugin?.commitCell ||
    plugin?.restore ||
    (purpose === 'debug' && plugin?.execute)
  );
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
