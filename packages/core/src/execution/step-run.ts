import { artifactScope } from '../artifact/artifact-scope.ts';
import type { Cell } from '../context/cell.ts';
import { StepScope } from '../context/step-scope.ts';
import type { StepParams } from '../experiment/condition.ts';
import type { RunnableStep } from '../pipeline/step.ts';
import { isWithMetrics } from '../pipeline/with-metrics.ts';
import { isPromise } from './is-promise.ts';

/** @internal One run of one step's function: calls it, takes its metrics, waits for its artifacts, records it. */
export class StepRun {
  readonly scope: StepScope;
  readonly #step: RunnableStep;
  readonly #cell: Cell;
  readonly #params: StepParams;
  #start = 0;

  constructor(step: RunnableStep, cell: Cell, params: StepParams) {
    this.#step = step;
    this.#cell = cell;
    this.#params = params;
    this.scope = new StepScope(cell, step.name);
  }

  /** The output, or a promise of it; throws or rejects as the step does. */
  run(data: unknown, resource: unknown): unknown {
    const { run, spec } = this.#cell;
    if (run.observed) run.emit({ type: 'step:start', cell: spec, step: this.#step.name });
    this.#start = performance.now();
    try {
      const returned = artifactScope.run(
        this.scope,
        callStep,
        this.#step,
        data,
        this.scope,
        this.#params.values,
        resource,
      );
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

  /** Ends the step as failed, if it is still running: nothing that it does from now on counts. */
  giveUp(): void {
    this.#end(true);
  }

  /** The same as {@link run}, always as a promise. */
  async runAsync(data: unknown, resource: unknown): Promise<unknown> {
    return this.run(data, resource);
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

  #end(failed: boolean): void {
    const { scope } = this;
    // The cell was given up while this step ran, and its record is made.
    if (scope.ended) return;
    const duration = performance.now() - this.#start;
    const { run, spec, steps } = this.#cell;
    scope.end();
    const step = this.#step.name;
    steps.push({
      step,
      params: this.#params.shown,
      read: scope.read,
      wrote: scope.wrote,
      cached: false,
      duration,
    });
    if (run.observed) run.emit({ type: 'step:end', cell: spec, step, duration, failed });
  }
}

/** Not a closure: one for each step of each cell would be garbage at once. */
function callStep(
  step: RunnableStep,
  data: unknown,
  scope: StepScope,
  params: StepParams['values'],
  resource: unknown,
): unknown {
  return step.run(data, scope, params, resource);
}
