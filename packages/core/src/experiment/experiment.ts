import type { AnyArtifact } from '../artifact/artifact.ts';
import { executeCall } from '../calls/execute-call.ts';
import type { CallMethod } from '../calls/past-call.ts';
import type { AnyDatasource, AnySteps, ExperimentDefinition } from '../definition/experiment-types.ts';
import type { Hypothesis } from '../definition/hypothesis.ts';
import { type ResolvedExperiment, resolveExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { explainRun } from '../execution/resume/explain-run.ts';
import type { Explanation } from '../execution/resume/explanation.ts';
import { runExperiment } from '../execution/run-experiment.ts';
import type { RunOptions } from '../execution/run-options.ts';
import { planRun } from '../execution/run-plan.ts';
import type { Gives } from '../pipeline/chain.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ExperimentInfo } from '../plugin/records.ts';
import type { Result } from '../result/result.ts';
import { workerRole } from '../worker/worker-role.ts';
import { type ApplyOptions, applyPipeline } from './apply.ts';
import { CellStream, replayCells } from './cell-stream.ts';
import { debugExperiment } from './debug.ts';
import { type OptimizeOptions, type Optimizer, optimizeExperiment } from './optimize.ts';
import { rememberResult, savedRunsOf } from './saved-runs.ts';

const resolved = new WeakMap<object, ResolvedExperiment>();

/** @internal What the rest of core runs. */
export function resolvedOf(experiment: object): ResolvedExperiment | undefined {
  return resolved.get(experiment);
}

/** What a pipeline of steps passes on at its end. */
export type OutputOfSteps<S extends AnySteps> = S extends readonly [...unknown[], infer Last]
  ? Gives<Last>
  : unknown;

/**
 * A function of some data, and variants of it to compare: the pipeline runs for the baseline and for
 * each treatment, in every replicate.
 *
 * @example
 * const experiment = new Experiment({
 *   name: 'greeting',
 *   datasource: datasource((ctx) => ctx.rng.int(1, 6)),
 *   pipeline: [roll({ dice: 2 }), score()],
 *   treatments: { generous: { bonus: 1 } },
 *   replicates: 20,
 *   seed: 42,
 * });
 * const result = await experiment.run();
 */
export class Experiment<
  const S extends AnySteps = AnySteps,
  D = AnyDatasource,
  const Outs extends readonly AnyArtifact[] = readonly AnyArtifact[],
  Names extends string = string,
> {
  /** Only for the compiler. */
  declare readonly '~types'?: {
    readonly steps: S;
    readonly datasource: D;
    readonly outputs: Outs;
    readonly names: Names;
  };
  /** sha256 (hex) of each step's name and explicit params: the same in every process and on every machine. */
  readonly id: string;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** All of this as plain data. */
  readonly info: ExperimentInfo;
  readonly plugins: readonly Plugin[];
  readonly treatments: readonly Treatment<Names>[];
  readonly hypotheses: readonly Hypothesis[];
  readonly outputs: Outs;
  /** As given; `undefined` leaves it to the datasource. */
  readonly replicates: number | undefined;
  readonly seed: number | undefined;
  readonly datasource: D;

  /** Never throws: what is wrong with a definition is told by {@link validate} and {@link run}. */
  constructor(definition: ExperimentDefinition<S, D, Outs, Names>) {
    const experiment = resolveExperiment(definition);
    resolved.set(this, experiment);
    workerRole()?.constructed(experiment);
    this.id = experiment.info.id;
    this.name = experiment.name;
    this.description = experiment.description;
    this.info = experiment.info;
    this.plugins = experiment.plugins;
    this.treatments = experiment.treatments as readonly Treatment<Names>[];
    this.hypotheses = experiment.hypotheses;
    this.outputs = experiment.outputs as readonly unknown[] as Outs;
    this.replicates = experiment.replicates;
    this.seed = experiment.seed;
    this.datasource = experiment.datasource as D;
  }

  /** @throws ExperimentInvalidError that tells everything that is wrong. Nothing runs. */
  async validate(): Promise<void> {
    const experiment = this.#resolved;
    await planRun(experiment, {}, experiment.plugins);
  }

  /**
   * Runs every cell: each replicate of the baseline and of each treatment. A cell that throws is told
   * in `result.errors`, and the others run all the same. An instance can run again, also meanwhile.
   *
   * @throws ExperimentInvalidError before anything runs.
   * @throws StorageError when what was computed can't be stored.
   * @throws CellFailedError with `failFast`, for the first cell that failed.
   * @throws the reason of `signal` when it is aborted.
   */
  async run(options: RunOptions<Names> = {}): Promise<Result<Names>> {
    const experiment = this.#resolved;
    return this.#execute('run', async () => {
      const result = await runExperiment(experiment, options, {
        purpose: 'run',
        saved: savedRunsOf(experiment),
      });
      rememberResult(this, result);
      return result as Result<Names>;
    });
  }

  /** Like {@link run}, and yields each cell once it is committed. Leaving the loop aborts the run. */
  stream(options: RunOptions<Names> = {}): CellStream<Names> {
    const experiment = this.#resolved;
    const saved = savedRunsOf(experiment);
    return new CellStream(options, (signal, onCell) => {
      const running = this.#execute('stream', async () => {
        const result = await runExperiment(
          experiment,
          { ...options, signal },
          { purpose: 'run', saved, onCell },
        );
        rememberResult(this, result);
        return result as Result<Names>;
      });
      return workerRole() ? replayCells(running, onCell) : running;
    });
  }

  /**
   * Tells what `run({ strategy: 'resume', … })` would do with each cell, and why; with
   * `strategy: 'rerun'`, that every cell would run. Nothing is run, written or locked.
   *
   * @throws ExperimentInvalidError for the definition or the options.
   * @throws ResumeUnsupportedError when no plugin can restore.
   */
  async explain(options: RunOptions<Names> = {}): Promise<Explanation> {
    const experiment = this.#resolved;
    return this.#execute('explain', () =>
      explainRun(experiment, options, { saved: savedRunsOf(experiment) }),
    );
  }

  /**
   * Runs one replicate of the baseline and of one treatment, one cell after the other, and prints
   * each step, metric and log line. Stores nothing; the first cell that fails rejects with its error.
   */
  async debug(treatment?: Names | Treatment): Promise<Result> {
    return this.#execute('debug', () => debugExperiment(this.#resolved, treatment));
  }

  /** Runs the pipeline once, under a treatment or as the baseline, and returns its output. Stores nothing. */
  async apply(treatment?: Names | Treatment, options: ApplyOptions = {}): Promise<OutputOfSteps<S>> {
    const output = this.#execute('apply', () => applyPipeline(this.#resolved, treatment, options));
    return output as Promise<OutputOfSteps<S>>;
  }

  /** Tries treatments that an optimizer asks for, and returns the best. Stores nothing. */
  async optimize(optimizer: Optimizer, options: OptimizeOptions): Promise<Treatment> {
    return this.#execute('optimize', () => optimizeExperiment(this.#resolved, optimizer, options));
  }

  #execute<T>(method: CallMethod, execute: () => Promise<T>): Promise<T> {
    return executeCall({ method, experiments: [this.#resolved] }, execute);
  }

  get #resolved(): ResolvedExperiment {
    return resolved.get(this) as ResolvedExperiment;
  }
}
