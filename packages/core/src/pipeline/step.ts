import type { SetupContext, StepContext } from '../context/step-context.ts';
import type { WithMetrics } from './with-metrics.ts';

/**
 * A step as a pipeline holds it.
 *
 * @typeParam I - The data it takes: the output of the step before, or of the datasource.
 * @typeParam O - The data it passes on.
 * @typeParam P - Its open params, which a treatment may set.
 */
export interface Step<in I, out O, out P = {}> {
  /** Names the step's folder and its stream of random numbers; unique in a pipeline. */
  readonly name: string;
  /** Params fixed by the factory or, for a class, returned by its getter; part of the experiment's id. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Only for the compiler. */
  readonly '~types'?: { readonly in: (data: I) => void; readonly out: O; readonly params: P };
}

/** Any step. */
export type AnyStep = Step<never, unknown, unknown>;

/** What data a `run` function passes on: awaited, and without its metrics. */
export type OutputOf<R> = WithoutMetrics<Awaited<R>>;

type WithoutMetrics<R> = R extends WithMetrics<infer D> ? D : R;

/** @internal What core runs: every form of step is one of these. */
export interface RunnableStep {
  readonly name: string;
  /** Fixed params. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Params that the context may set, with their defaults. */
  readonly open: Readonly<Record<string, unknown>>;
  readonly cacheable: boolean;
  readonly version: string | undefined;
  /** The script that declares it, where one is known. */
  readonly script: string | undefined;
  /** The functions whose text is the step's code. */
  readonly code: readonly Function[];
  readonly setup: ((ctx: SetupContext) => unknown) | undefined;
  readonly teardown: ((resource: unknown) => unknown) | undefined;
  run(data: unknown, ctx: StepContext, params: Readonly<Record<string, unknown>>, resource: unknown): unknown;
}

const runnable: unique symbol = Symbol.for('@crystallize/step') as never;

/** @internal Makes a step out of what core runs. */
export function asStep<I, O, P>(step: RunnableStep): Step<I, O, P> {
  return Object.freeze({ name: step.name, params: step.params, [runnable]: step });
}

/** @internal What core runs of a step that a factory made. */
export function runnableOf(step: object): RunnableStep | undefined {
  return runnable in step ? (step[runnable] as RunnableStep) : undefined;
}
