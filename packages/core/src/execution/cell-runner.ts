import { setTimeout as delay } from 'node:timers/promises';
import { Cell } from '../context/cell.ts';
import { recordError } from '../errors/error-record.ts';
import { messageOf } from '../errors/message-of.ts';
import type { Condition } from '../experiment/condition.ts';
import type { ResolvedExperiment } from '../experiment/resolved-experiment.ts';
import type { ArtifactSink } from '../plugin/plugin.ts';
import { callOrWarn, type PluginHooks } from '../plugin/plugin-hooks.ts';
import type { CellRecord, CellSpec, ErrorRecord } from '../plugin/records.ts';
import type { ActiveRun } from './active-run.ts';
import { CellTimer } from './cell-timer.ts';
import { CellWorkflow } from './cell-workflow.ts';
import type { Retries } from './run-options.ts';
import { StepResources } from './step-resources.ts';

/** @internal What every cell of a run is run with. */
export interface CellRunnerParts {
  readonly run: ActiveRun;
  readonly experiment: ResolvedExperiment;
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly hooks: PluginHooks;
  readonly sink: ArtifactSink;
  /** What each datasource's `prepare` has found out. */
  readonly prepared: ReadonlyMap<object, unknown>;
  readonly timeout: number | undefined;
  readonly retries: Retries;
}

/** @internal What only `apply` asks for. */
export interface CellSpecials {
  /** In place of what the datasource yields. */
  readonly data?: { readonly value: unknown };
  readonly onOutput?: (output: unknown) => void;
}

/** @internal Runs cells in this process. One serves a run, in the main process or in a worker. */
export class CellRunner {
  readonly #parts: CellRunnerParts;
  readonly #resources: StepResources;
  /** The errors behind the records, for as long as the records are kept. */
  readonly #originals = new WeakMap<ErrorRecord, { readonly thrown: unknown }>();

  constructor(parts: CellRunnerParts) {
    this.#parts = parts;
    this.#resources = new StepResources(parts.run, parts.experiment);
  }

  /** What was thrown, when it was thrown in this process. */
  original(record: ErrorRecord): { readonly thrown: unknown } | undefined {
    return this.#originals.get(record);
  }

  /** Runs a cell to its record; `undefined` when the run ended before the cell did. */
  run(spec: CellSpec, special: CellSpecials = {}): Promise<CellRecord | undefined> {
    return this.#parts.retries.times === 0 ? this.#attempt(spec, 1, special) : this.#persist(spec, special);
  }

  /** Tears the steps down. */
  close(): Promise<void> {
    return this.#resources.close();
  }

  /** Tries a cell again while that is worth it. */
  async #persist(spec: CellSpec, special: CellSpecials): Promise<CellRecord | undefined> {
    const { run, retries } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      const record = await this.#attempt(spec, attempt, special);
      const error = record?.error && this.#originals.get(record.error)?.thrown;
      if (record?.status !== 'failed' || attempt > retries.times) return record;
      const wait = this.#delayBefore(attempt, error);
      if (wait === undefined) return record;
      try {
        await delay(wait, undefined, { signal: run.stopping });
      } catch {
        // Stopped while it waited: the cell has failed for now, and that is its record.
        return record;
      }
    }
  }

  /** Milliseconds until the next try; `undefined` when there is to be none. */
  #delayBefore(retry: number, error: unknown): number | undefined {
    const { run, retries } = this.#parts;
    try {
      return retries.when(error) ? retries.delay(retry) : undefined;
    } catch (thrown) {
      run.warn(
        `A function of the option retries failed, so that cells were not tried again: ${messageOf(thrown)}`,
      );
      return undefined;
    }
  }

  async #attempt(spec: CellSpec, attempts: number, special: CellSpecials): Promise<CellRecord | undefined> {
    const { run, conditions, hooks, sink, timeout } = this.#parts;
    const condition = conditions.get(spec.condition) as Condition;
    const timer = timeout === undefined ? undefined : new CellTimer(timeout, run.signal);
    const cell = new Cell(run, spec, condition, sink, timer?.signal ?? run.signal);
    const startedAt = Date.now();
    const start = performance.now();
    let error: ErrorRecord | undefined;
    if (run.observed && attempts === 1) run.emit({ type: 'cell:start', cell: spec });
    for (const plugin of hooks.beforeCell)
      await callOrWarn(run, plugin, 'beforeCell', () => plugin.beforeCell?.(cell));
    const work = new CellWorkflow(this.#parts, this.#resources, cell);
    try {
      const working = work.run(special.data);
      const output = await (timer ? timer.race(working) : working);
      special.onOutput?.(output);
    } catch (thrown) {
      error = recordError(thrown, (text) => run.redactor.text(text));
      this.#originals.set(error, { thrown });
      await work.abandon(thrown);
    } finally {
      timer?.clear();
    }
    // A cell that fails while the run is being ended most likely fails because of that.
    if (error && run.signal.aborted) return undefined;
    const { replicate, seed } = spec;
    const { metrics, artifacts, steps, inputs, unread } = cell;
    const done: CellRecord = {
      replicate,
      condition: spec.condition,
      seed,
      status: 'done',
      metrics,
      artifacts,
      steps,
      inputs,
      startedAt,
      duration: performance.now() - start,
      attempts,
    };
    // Spread only where it is needed: it costs more than all the rest of the record.
    const failed = error && ({ ...done, status: 'failed', error, failedStep: work.at } as const);
    const record = failed ?? (unread ? { ...done, unread } : done);
    for (const plugin of hooks.afterCell)
      await callOrWarn(run, plugin, 'afterCell', () => plugin.afterCell?.(cell, record));
    return record;
  }
}
