import { memorySink } from '../artifact/memory-sink.ts';
import { Redactor } from '../context/redactor.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { ActiveRun } from '../execution/active-run.ts';
import { CellRunner } from '../execution/cell-runner.ts';
import { Condition } from '../execution/condition.ts';
import { describeEnvironment } from '../execution/environment.ts';
import { learnSecrets } from '../execution/learn-secrets.ts';
import { describeDefinition } from '../execution/run-definition.ts';
import { resolveRetries } from '../execution/run-options.ts';
import { takesPart } from '../execution/takes-part.ts';
import type { RunEvent } from '../plugin/events.ts';
import type { ArtifactSink, ArtifactTarget } from '../plugin/plugin.ts';
import { callOrStop, callOrWarn, PluginHooks } from '../plugin/plugin-hooks.ts';
import type { ArtifactRecord, AttemptSpec, CellRecord, CellSpec, RunDescription } from '../plugin/records.ts';

/** @internal What the worker's half of a run tells the main process. */
export interface WorkerReports {
  event(event: RunEvent): void;
  /** The cell under way has come to a step. */
  step(step: string): void;
  warning(message: string): void;
  /** @param bytes - Where no plugin keeps them. */
  wrote(target: ArtifactTarget, artifact: ArtifactRecord, bytes: Uint8Array | undefined): void;
}

/** @internal The worker's half of a run: what its cells are run with in this process. */
export class WorkerRun {
  readonly #run: ActiveRun;
  readonly #runner: CellRunner;

  private constructor(run: ActiveRun, runner: CellRunner) {
    this.#run = run;
    this.#runner = runner;
  }

  /** @throws what a plugin's `init` or `artifacts` threw that stops a run. */
  static async open(
    experiment: ResolvedExperiment,
    treatments: ReadonlyMap<string, Treatment | undefined>,
    description: RunDescription,
    reports: WorkerReports,
  ): Promise<WorkerRun> {
    const plugins = experiment.plugins.filter((plugin) => takesPart(plugin, description.purpose));
    const hooks = new PluginHooks(plugins);
    const redactor = new Redactor();
    learnSecrets(redactor, experiment, { treatments });
    const run = new ActiveRun({
      ...description,
      experiment: experiment.info,
      redactor,
      // Events are told in the main process, to its listeners and its plugins.
      hooks: { onEvent: [] },
      onEvent: (event) => reports.event(event),
      onWarning: (message) => reports.warning(message),
      elsewhere: description,
      definition: () => describeDefinition(experiment, treatments, description.definition),
      environment: () => describeEnvironment(experiment.module, plugins),
    });
    for (const plugin of plugins) {
      const shared = description.shared[plugin.name];
      await callOrWarn(run, plugin, 'init', () => plugin.init?.(run, shared));
    }
    if (run.failure) throw run.failure;
    const conditions = new Map(
      [...treatments].map(([name, treatment]) => {
        const inherited = description.inherited.includes(name);
        return [name, new Condition(name, experiment, treatment, inherited, redactor)];
      }),
    );
    const prepared = new Map<object, unknown>();
    for (const [name, { datasource }] of conditions) prepared.set(datasource, description.prepared[name]);
    const runner = new CellRunner({
      run,
      experiment,
      conditions,
      hooks,
      sink: await sinkOf(run, hooks, experiment, reports),
      prepared,
      timeout: description.timeout,
      onStep: (step) => reports.step(step),
      // Tries are counted where the run was started.
      retries: resolveRetries(0),
    });
    return new WorkerRun(run, runner);
  }

  /** Why the run can't go on, once storage has failed. */
  get failure(): Error | undefined {
    return this.#run.failure;
  }

  /** Tries a cell once; `undefined` when the run is being ended. */
  async run(
    cell: CellSpec,
    attempt: AttemptSpec,
    isCurrent: (() => Promise<boolean>) | undefined,
  ): Promise<CellRecord | undefined> {
    return this.#runner.try(cell, attempt, isCurrent ? { isCurrent } : {});
  }

  end(reason: unknown): void {
    this.#run.end(reason);
  }

  /** Tears the steps down. */
  async close(): Promise<void> {
    this.#run.close();
    await this.#runner.close();
  }
}

/** The sink of the last plugin that has one, or bytes that go to the main process; either way it is told. */
async function sinkOf(
  run: ActiveRun,
  hooks: PluginHooks,
  experiment: ResolvedExperiment,
  reports: WorkerReports,
): Promise<ArtifactSink> {
  const storing = hooks.last('artifacts');
  const own = storing && (await callOrStop(storing, 'artifacts', () => storing.artifacts?.(run)));
  if (own) {
    return {
      async write(target, body) {
        const artifact = await own.write(target, body);
        reports.wrote(target, artifact, undefined);
        return artifact;
      },
      open: (target, record) => own.open(target, record),
    };
  }
  const memory = memorySink(experiment.info.directory);
  return {
    async write(target, body) {
      const artifact = await memory.write(target, body);
      reports.wrote(target, artifact, await memory.open(target, artifact).bytes());
      return artifact;
    },
    open: (target, record) => memory.open(target, record),
  };
}
