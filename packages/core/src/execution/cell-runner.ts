import { setTimeout as delay } from 'node:timers/promises';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { messageOf } from '../errors/message-of.ts';
import { reviveError } from '../plugin/error-record.ts';
import { isPromise } from '../plugin/is-promise.ts';
import type { ArtifactSink } from '../plugin/plugin.ts';
import type { PluginHooks } from '../plugin/plugin-hooks.ts';
import type { ArtifactRecord, AttemptSpec, CellSpec, ErrorRecord } from '../plugin/records.ts';
import type { ActiveRun } from './active-run.ts';
import type { StepCaching } from './caching/step-caching.ts';
import { cachingOf } from './caching/step-caching-of.ts';
import { type AttemptOutcome, CellAttempt } from './cell-attempt.ts';
import type { Condition } from './condition.ts';
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
  /** Told of each step that a cell comes to, before its `setup`. */
  readonly onStep?: (step: string) => void;
  /** For cacheable steps; absent where there are none, or where none is to be answered from a cache. */
  readonly caching?: () => Promise<StepCaching>;
}

/** @internal What only some cells are run with. */
export interface CellSpecials {
  /** Of a cell that others may be given as well. */
  readonly isCurrent?: () => Promise<boolean>;
  /** In place of what the datasource yields. */
  readonly data?: { readonly value: unknown };
  readonly onOutput?: (output: unknown) => void;
}

const FIRST: AttemptSpec = Object.freeze({ number: 1, earlier: Object.freeze([]) });

/** @internal Runs cells in this process. One serves a run, in the main process or in a worker. */
export class CellRunner {
  readonly #parts: CellRunnerParts;
  readonly #resources: StepResources;
  /** The errors behind the records, for as long as the records are kept. */
  readonly #originals = new WeakMap<ErrorRecord, { readonly thrown: unknown }>();

  constructor(parts: CellRunnerParts) {
    this.#resources = new StepResources(parts.run, parts.experiment);
    const caching = cachingOf(parts, this.#resources);
    this.#parts = caching ? { ...parts, caching } : parts;
  }

  /** What was thrown: the very error where that happened in this process, else one made of its record. */
  thrown(record: ErrorRecord): unknown {
    const here = this.#originals.get(record);
    return here ? here.thrown : reviveError(record);
  }

  /**
   * Runs a cell to its record; `undefined` when the run ended before the cell did. A promise only where
   * something has to be waited for.
   */
  run(spec: CellSpec, special: CellSpecials = {}): AttemptOutcome | Promise<AttemptOutcome> {
    if (this.#parts.retries.times === 0) return this.try(spec, FIRST, special);
    return this.persist((attempt) => this.try(spec, attempt, special));
  }

  /** Runs a cell once, whatever the option retries says. */
  try(
    spec: CellSpec,
    which: AttemptSpec,
    special: CellSpecials = {},
  ): AttemptOutcome | Promise<AttemptOutcome> {
    const attempt = new CellAttempt(this.#parts, this.#resources, spec, which);
    const outcome = attempt.run(special);
    return isPromise(outcome) ? this.#remember(attempt, outcome) : outcome;
  }

  /** Tries a cell, by whatever means, and again while that is worth it. */
  async persist(
    attempt: (which: AttemptSpec) => AttemptOutcome | Promise<AttemptOutcome>,
  ): Promise<AttemptOutcome> {
    const earlier: ArtifactRecord[] = [];
    for (let number = 1; ; number++) {
      const record = await attempt({ number, earlier: [...earlier] });
      if (!record?.error || record.status !== 'failed' || number > this.#parts.retries.times) return record;
      earlier.push(...record.artifacts);
      const wait = this.#delayBefore(number, this.thrown(record.error));
      if (wait === undefined) return record;
      try {
        await delay(wait, undefined, { signal: this.#parts.run.stopping.signal });
      } catch {
        // Stopped while it waited: the cell has failed for now, and that is its record.
        return record;
      }
    }
  }

  /** Tears the steps down. */
  close(): Promise<void> {
    return this.#resources.close();
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

  async #remember(attempt: CellAttempt, outcome: PromiseLike<AttemptOutcome>): Promise<AttemptOutcome> {
    const record = await outcome;
    if (record?.error) this.#originals.set(record.error, { thrown: attempt.thrown });
    return record;
  }
}
