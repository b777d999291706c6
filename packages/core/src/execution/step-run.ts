import { enterUnfollowed, followStep, leaveUnfollowed, mustFollow } from '../artifact/artifact-scope.ts';
import type { RunnableStep } from '../pipeline/step.ts';
import { isWithMetrics } from '../pipeline/with-metrics.ts';
import { isPromise } from '../plugin/is-promise.ts';
import type { PlacedStep } from './caching/placed-step.ts';
import type { Cell } from './cell.ts';
import type { StepParams } from './condition.ts';
import { StepScope } from './step-scope.ts';

/** @internal One run of one step's function: calls it, takes its metrics, waits for its artifacts, records it. */
export class StepRun {
  readonly scope: StepScope;
  readonly #step: RunnableStep;
  readonly #cell: Cell;
  readonly #params: StepParams;
  /** Whether artifacts find the step by its async calls. */
  readonly #followed: boolean;
  /** Whether it has begun without being followed. */
  #unfollowed = false;
  #start = 0;

  constructor(
    step: RunnableStep,
    cell: Cell,
    params: StepParams,
    scope: StepScope = new StepScope(cell, step.name),
  ) {
    this.#step = step;
    this.#cell = cell;
    this.#params = params;
    this.#followed = mustFollow();
    this.scope = scope;
  }

  /** The output, or a promise of it; throws or rejects as the step does. */
  run(data: unknown, resource: unknown): unknown {
    this.#begin();
    try {
      const returned = this.#call(data, resource);
      if (isPromise(returned) || this.scope.artifacts) return this.#finishLater(returned);
      const output = this.#takeMetrics(returned);
      this.#end(false);
      return output;
    } catch (error) {
      if (this.scope.artifacts) return this.#failLater(error);
      this.#end(true);
      throw error;
    }
  }

  /** Does what the step did when it ran, in place of running it; throws as it would. */
  replay(cached: PlacedStep): unknown {
    const { scope } = this;
    const { run, spec } = this.#cell;
    this.#begin();
    try {
      for (const [kind, key, value] of cached.uses) {
        if (kind === 'add') scope.add(key, value);
        else scope[kind](key);
      }
      for (const { metric, value, tags } of cached.metrics) scope.record(metric, value, tags);
      for (const artifact of cached.placed) {
        this.#cell.addArtifact(artifact);
        if (run.observed) run.emit({ type: 'artifact:written', cell: spec, artifact });
      }
    } catch (error) {
      this.#end(true);
      throw error;
    }
    this.#end(false, true);
    return cached.output;
  }

  /** Ends the step as failed, if it is still running: nothing that it does from now on counts. */
  giveUp(): void {
    this.#end(true);
  }

  /** The same as {@link run}, always as a promise. */
  async runAsync(data: unknown, resource: unknown): Promise<unknown> {
    return this.run(data, resource);
  }

  #begin(): void {
    const { run, spec, clock } = this.#cell;
    if (run.observed) run.emit({ type: 'step:start', cell: spec, step: this.#step.name });
    this.#start = clock;
  }

  #call(data: unknown, resource: unknown): unknown {
    const { scope } = this;
    if (this.#followed) {
      return followStep(scope, () => this.#step.run(data, scope, this.#params.values, resource));
    }
    this.#unfollowed = true;
    enterUnfollowed(scope);
    return this.#step.run(data, scope, this.#params.values, resource);
  }

  async #finishLater(returned: unknown): Promise<unknown> {
    try {
      const output = this.#takeMetrics(await returned);
      await this.scope.artifacts?.settle();
      this.#end(false);
      return output;
    } catch (error) {
      return this.#failLater(error);
    }
  }

  /** What the step has begun to write goes on, and is to be in its record, and over before another try. */
  async #failLater(error: unknown): Promise<never> {
    await this.scope.artifacts?.drain();
    this.#end(true);
    throw error;
  }

  #takeMetrics(output: unknown): unknown {
    if (!isWithMetrics(output)) return output;
    for (const [metric, value] of Object.entries(output.metrics))
      this.scope.record(metric, value, output.tags);
    return output.data;
  }

  #end(failed: boolean, cached: boolean = false): void {
    const { scope } = this;
    // The cell was given up while this step ran, and its record is made.
    if (scope.ended) return;
    const { run, spec, steps } = this.#cell;
    const duration = this.#cell.readClock() - this.#start;
    scope.end();
    if (this.#unfollowed) leaveUnfollowed();
    const step = this.#step.name;
    steps.push({
      step,
      params: this.#params.shown,
      read: scope.read,
      wrote: scope.wrote,
      cached,
      duration,
    });
    if (!run.observed) return;
    run.emit({ type: 'step:end', cell: spec, step, duration, failed, ...(cached ? { cached } : {}) });
  }
}
