import type { ContextRead } from '../cache/context-reads.ts';
import { reveal } from '../context/secret.ts';
import type { SetupContext } from '../context/step-context.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { RunnableStep } from '../pipeline/step.ts';
import { messageOf } from '../plugin/error-record.ts';
import type { ActiveRun } from './active-run.ts';

/** @internal What the steps' `setup` has returned: made when the first cell gets there, once per run and process. */
export class StepResources {
  readonly #run: ActiveRun;
  readonly #initial: Readonly<Record<string, unknown>>;
  readonly #made = new Map<RunnableStep, Promise<unknown>>();
  readonly #ready = new Map<RunnableStep, unknown>();
  /** What each setup has found out: the step's result may depend on it. */
  readonly #reads = new Map<RunnableStep, ContextRead[]>();

  constructor(run: ActiveRun, experiment: ResolvedExperiment) {
    this.#run = run;
    this.#initial = experiment.initialContext;
  }

  /** The resource of a step; a promise only until it is there. */
  of(step: RunnableStep): unknown {
    if (!step.setup) return undefined;
    return this.#ready.has(step) ? this.#ready.get(step) : this.#make(step);
  }

  /** What the step's `setup` has read until now. */
  readsOf(step: RunnableStep): readonly ContextRead[] {
    return this.#reads.get(step) ?? [];
  }

  /** Tears down what was set up, last first. A teardown that fails is a warning. */
  async close(): Promise<void> {
    for (const [step, made] of [...this.#made].reverse()) {
      // A setup that is still under way has outlived its cells: it is torn down when it is done.
      if (this.#ready.has(step)) await this.#tearDown(step, this.#ready.get(step));
      else
        made.then(
          (resource) => this.#tearDown(step, resource),
          () => {},
        );
    }
    this.#made.clear();
    this.#ready.clear();
  }

  async #tearDown(step: RunnableStep, resource: unknown): Promise<void> {
    try {
      await step.teardown?.(resource);
    } catch (error) {
      this.#run.warn(`The teardown of step '${step.name}' failed: ${messageOf(error)}`);
    }
  }

  #make(step: RunnableStep): Promise<unknown> {
    const known = this.#made.get(step);
    if (known) return known;
    const making = this.#setUp(step);
    this.#made.set(step, making);
    return making;
  }

  async #setUp(step: RunnableStep): Promise<unknown> {
    const resource = await step.setup?.(this.#context(step));
    this.#ready.set(step, resource);
    return resource;
  }

  #context(step: RunnableStep): SetupContext {
    const run = this.#run;
    const initial = this.#initial;
    const reads: ContextRead[] = [];
    this.#reads.set(step, reads);
    return {
      get seed() {
        reads.push(['setup-seed']);
        return run.seed;
      },
      signal: run.signal,
      get: <T>(key: string) => {
        reads.push(['setup', key]);
        return reveal(initial[key]) as T | undefined;
      },
      has: (key) => {
        reads.push(['setup', key]);
        return Object.hasOwn(initial, key);
      },
      log: (message, data, level = 'info') => {
        const line = { type: 'log', level, message: run.redact(message), step: step.name } as const;
        if (run.observed) run.emit(data === undefined ? line : { ...line, data: run.redact(data) });
      },
    };
  }
}
