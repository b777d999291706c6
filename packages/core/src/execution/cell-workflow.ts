import { createRng } from '../context/rng.ts';
import type { RunnableStep } from '../pipeline/step.ts';
import { isPromise } from '../plugin/is-promise.ts';
import type { StepOutcome } from '../plugin/plugin.ts';
import { callOrWarn } from '../plugin/plugin-hooks.ts';
import type { StepHandle } from '../plugin/run-handle.ts';
import { TrackedScope } from './caching/tracked-scope.ts';
import type { Cell } from './cell.ts';
import type { CellRunnerParts } from './cell-runner.ts';
import { resolveParams, type StepParams } from './condition.ts';
import { DatasourceScope } from './datasource-scope.ts';
import type { StepResources } from './step-resources.ts';
import { StepRun } from './step-run.ts';
import type { StepScope } from './step-scope.ts';

/** Where a cell is while it has not come to its steps. */
const DATASOURCE = 'datasource';

/** @internal The way of one cell: its treatment, its data, then step after step. */
export class CellWorkflow {
  /** The step that runs, or `datasource`. */
  at: string = DATASOURCE;
  readonly #parts: CellRunnerParts;
  readonly #resources: StepResources;
  readonly #cell: Cell;
  #running: StepRun | undefined;
  /** The step whose afterStep has yet to be called. */
  #open: { readonly handle: StepHandle; readonly start: number } | undefined;
  #abandoned = false;

  constructor(parts: CellRunnerParts, resources: StepResources, cell: Cell) {
    this.#parts = parts;
    this.#resources = resources;
    this.#cell = cell;
  }

  /** The output of the last step; a promise of it only where something has to be waited for. */
  run(given: { readonly value: unknown } | undefined): unknown {
    if (this.#cell.from.apply) this.#applyTreatment();
    const data = given ? given.value : this.#fetch();
    return isPromise(data) ? this.#continue(0, data) : this.#runSteps(0, data);
  }

  /** From a step on; goes on as a promise from the first step whose output has to be waited for. */
  #runSteps(first: number, input: unknown): unknown {
    const { steps } = this.#parts.experiment;
    let data = input;
    if (first === 0) this.#cell.readClock();
    for (let index = first; index < steps.length; index++) {
      this.#mustGoOn();
      data = this.#runStep(steps[index] as RunnableStep, index, data);
      if (isPromise(data)) return this.#continue(index + 1, data);
    }
    return data;
  }

  #mustGoOn(): void {
    if (this.#abandoned || this.#cell.run.closed) {
      throw new Error('The cell was given up, and this is what is left of it.');
    }
  }

  async #continue(next: number, data: PromiseLike<unknown>): Promise<unknown> {
    return this.#runSteps(next, await data);
  }

  /** Closes the step that is running, so that nothing it still does counts and no other follows it. */
  async abandon(reason: unknown): Promise<void> {
    this.#abandoned = true;
    this.#running?.giveUp();
    const open = this.#open;
    this.#open = undefined;
    if (open)
      await this.#closeStep(open.handle, {
        status: 'failed',
        error: reason,
        duration: performance.now() - open.start,
      });
  }

  #applyTreatment(): void {
    const cell = this.#cell;
    cell.from.apply?.({
      replicate: cell.replicate,
      condition: cell.condition,
      seed: cell.seed,
      rng: createRng(cell.seed, '/treatment'),
      // What a treatment itself reads says nothing of whether a step does.
      get: <T>(key: string) => cell.context().get(key) as T | undefined,
      has: (key) => cell.context().has(key),
      add: (key, value) => cell.addByTreatment(key, value),
    });
  }

  #fetch(): unknown {
    const source = this.#cell.from.datasource;
    const params = this.#datasourceParams();
    if (params.fromContext.length > 0) this.#cell.markAllRead(params.fromContext);
    return source.fetch(
      new DatasourceScope(this.#cell),
      params.values as never,
      this.#parts.prepared.get(source),
    );
  }

  #datasourceParams(): StepParams {
    const cell = this.#cell;
    const { sourceParams } = cell.from;
    if (!sourceParams) return NO_PARAMS;
    return cell.untouched
      ? cell.from.params(sourceParams)
      : resolveParams(sourceParams, cell.context(), (key) => cell.shown(key), cell.run.redactor);
  }

  /** The step's output; a promise of it only where something in it has to be waited for. */
  #runStep(step: RunnableStep, index: number, data: unknown): unknown {
    const { run, hooks } = this.#parts;
    const cell = this.#cell;
    this.at = step.name;
    this.#parts.onStep?.(step.name);
    const params = cell.untouched
      ? cell.from.params(step)
      : resolveParams(step, cell.context(), (key) => cell.shown(key), run.redactor);
    if (params.fromContext.length > 0) cell.markAllRead(params.fromContext);
    if (step.cacheable && this.#parts.caching) return this.#runCacheable(step, index, data, params);
    const resource = this.#resources.of(step);
    if (hooks.aroundSteps || isPromise(resource))
      return this.#runPrepared(step, index, data, params, resource);
    const stepRun = new StepRun(step, cell, params);
    this.#running = stepRun;
    return stepRun.run(data, resource);
  }

  async #runPrepared(
    step: RunnableStep,
    index: number,
    data: unknown,
    params: StepParams,
    resource: unknown,
  ): Promise<unknown> {
    const ready = await resource;
    return this.#runWithHooks(step, index, params, (stepRun) => stepRun.runAsync(data, ready));
  }

  /** As the cache has it, without its resource; else it runs, and what it did is kept. */
  async #runCacheable(
    step: RunnableStep,
    index: number,
    data: unknown,
    params: StepParams,
  ): Promise<unknown> {
    const cell = this.#cell;
    const caching = await this.#parts.caching?.();
    const lookup = await caching?.look(step, cell, params, data);
    try {
      const hit = lookup?.hit;
      const resource = hit ? undefined : await this.#resources.of(step);
      this.#mustGoOn();
      if (hit) return await this.#runWithHooks(step, index, params, async (stepRun) => stepRun.replay(hit));
      const scope = new TrackedScope(cell, step.name);
      const run = async (stepRun: StepRun) => {
        const output = await stepRun.runAsync(data, resource);
        this.#mustGoOn();
        await lookup?.keep(scope, output);
        return output;
      };
      return await this.#runWithHooks(step, index, params, run, scope);
    } finally {
      lookup?.end();
      // What the cache took belongs to no step.
      cell.readClock();
    }
  }

  async #runWithHooks(
    step: RunnableStep,
    index: number,
    params: StepParams,
    begin: (stepRun: StepRun) => Promise<unknown>,
    scope?: StepScope,
  ): Promise<unknown> {
    const { run, hooks } = this.#parts;
    const handle: StepHandle = { cell: this.#cell, step: step.name, index, params: params.shown };
    for (const plugin of hooks.beforeStep)
      await callOrWarn(run, plugin, 'beforeStep', () => plugin.beforeStep?.(handle));
    const stepRun = new StepRun(step, this.#cell, params, scope);
    this.#running = stepRun;
    const start = this.#cell.readClock();
    this.#open = { handle, start };
    const [ended] = await Promise.allSettled([begin(stepRun)]);
    const duration = performance.now() - start;
    const outcome: StepOutcome =
      ended.status === 'fulfilled'
        ? { status: 'done', output: ended.value, duration }
        : { status: 'failed', error: ended.reason, duration };
    const closed = !this.#open || run.closed;
    this.#open = undefined;
    if (!closed) await this.#closeStep(handle, outcome);
    if (outcome.status === 'failed') throw outcome.error;
    return outcome.output;
  }

  async #closeStep(handle: StepHandle, outcome: StepOutcome): Promise<void> {
    const { run, hooks } = this.#parts;
    for (const plugin of hooks.afterStep) {
      await callOrWarn(run, plugin, 'afterStep', () => plugin.afterStep?.(handle, outcome));
    }
  }
}

const NO_PARAMS: StepParams = { values: {}, shown: {}, fromContext: [] };
