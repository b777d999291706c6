import { frozenCopy } from '../context/freeze.ts';
import type { SetupContext, StepContext } from '../context/step-context.ts';
import { UnknownParamError } from '../errors/run-errors.ts';
import type { Givable, Values } from './params.ts';
import { asStep, type OutputOf, type RunnableStep, type Step } from './step.ts';
import { callingScript } from './user-frames.ts';
import type { Widen } from './widen.ts';

/** How a step is declared. */
export interface StepDeclaration<I, R, P, Resource> {
  /** Unique in a pipeline; names the step's folder. */
  readonly name: string;
  /** Params with their defaults, or `required<T>()`. */
  readonly params?: P;
  /**
   * Whether an unchanged step may be answered from the cache. Unchanged are its code and that of its modules,
   * its params and input, and what it read through `ctx`. What a closure holds besides is not seen: make it
   * a param. What it calls outside of its modules, such as a server, needs a `version`. Default false.
   */
  readonly cacheable?: boolean;
  /** Stands for the step's code where changes are looked for. */
  readonly version?: string;
  /** Once per run and worker, before the first cell; what it returns is `run`'s fourth argument. */
  readonly setup?: (ctx: SetupContext) => Resource | Promise<Resource>;
  /** Once per run and worker, at its end, also after errors. */
  readonly teardown?: (resource: Resource) => void | Promise<void>;
  /** The step's work: takes the data, returns what the next step takes. */
  readonly run: (data: I, ctx: StepContext, params: Readonly<Values<Widen<P>>>, resource: Resource) => R;
}

/** Makes a step; params given here are fixed, the others stay open to treatments. */
export interface StepFactory<I, O, P> {
  <E extends Partial<Givable<P>> = {}>(
    params?: E & { readonly [K in Exclude<keyof E, keyof P>]: never },
    options?: StepOptions,
  ): Step<I, O, { [K in Exclude<keyof P, keyof E>]: Values<P>[K] }>;
  /** The name that its steps have unless they are given another. */
  readonly stepName: string;
}

/** What a factory may be told beside params. */
export interface StepOptions {
  /** A name of its own, where one pipeline uses the step twice. */
  readonly name?: string;
}

/**
 * Declares a step and returns its factory.
 *
 * @example
 * const fit = pipelineStep({
 *   name: 'fit',
 *   params: { k: 5 },
 *   run: (rows: Row[], ctx, { k }) => fitNearestNeighbours(rows, k),
 * });
 * const pipeline = [fit(), evaluate()];     // a treatment may set k
 * const fixed = [fit({ k: 3 }), evaluate()]; // k is 3 under every condition
 */
export function pipelineStep<
  I,
  R,
  const P extends Readonly<Record<string, unknown>> = {},
  Resource = undefined,
>(declaration: StepDeclaration<I, R, P, Resource>): StepFactory<I, OutputOf<R>, Widen<P>> {
  const script = callingScript();
  const declared = frozenCopy(declaration.params ?? {}) as Readonly<Record<string, unknown>>;
  const factory = (given: Readonly<Record<string, unknown>> = {}, options: StepOptions = {}) => {
    const name = options.name ?? declaration.name;
    const open = { ...declared };
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(declared, key)) throw new UnknownParamError(name, key, Object.keys(declared));
      delete open[key];
    }
    const step: RunnableStep = {
      name,
      params: frozenCopy({ ...given }),
      open: Object.freeze(open),
      cacheable: declaration.cacheable ?? false,
      version: declaration.version,
      script,
      code: [declaration.run, declaration.setup, declaration.teardown].filter((part) => part !== undefined),
      setup: declaration.setup,
      teardown: declaration.teardown as RunnableStep['teardown'],
      run: declaration.run as RunnableStep['run'],
    };
    return asStep(step);
  };
  return Object.assign(factory, { stepName: declaration.name }) as StepFactory<I, OutputOf<R>, Widen<P>>;
}
