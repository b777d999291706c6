import { frozenCopy } from '../context/freeze.ts';
import type { SetupContext, StepContext } from '../context/step-context.ts';
import type { RunnableStep, Step } from './step.ts';
import { noteScript, scriptOf } from './user-frames.ts';
import type { WithMetrics } from './with-metrics.ts';

/**
 * A step as a class. Its name is the class's name unless `name` is overridden; its `params` are fixed
 * and part of the experiment's id. Values that treatments set are read with `ctx.get`.
 *
 * @example
 * class Fit extends PipelineStep<Row[], Model> {
 *   constructor(readonly k: number) { super(); }
 *   override get params() { return { k: this.k }; }
 *   async run(rows: Row[], ctx: StepContext) { return fitNearestNeighbours(rows, this.k); }
 * }
 */
export abstract class PipelineStep<in I, out O, out P = {}> implements Step<I, O, P> {
  declare readonly '~types'?: { readonly in: (data: I) => void; readonly out: O; readonly params: P };

  constructor() {
    noteScript(this);
  }

  get name(): string {
    return this.constructor.name;
  }

  get params(): Readonly<Record<string, unknown>> {
    return {};
  }

  /** Whether an unchanged step may be answered from the cache; what its fields hold has to be among `params`. */
  get cacheable(): boolean {
    return false;
  }

  /** Stands for the step's code where changes are looked for. */
  get version(): string | undefined {
    return undefined;
  }

  /** The step's work; `resource` is what `setup` returned. */
  abstract run(
    data: I,
    ctx: StepContext,
    params: Readonly<Record<string, unknown>>,
    resource: unknown,
  ): O | WithMetrics<O> | Promise<O | WithMetrics<O>>;

  /** Once per run and worker, before the first cell. */
  setup?(ctx: SetupContext): unknown;

  /** Once per run and worker, at its end, also after errors. */
  teardown?(resource: unknown): unknown;
}

/** @internal What core runs of a step that is an instance of a class, by shape rather than by class. */
export function runnableOfClass(step: PipelineStep<never, unknown, unknown>): RunnableStep {
  return {
    name: step.name,
    params: frozenCopy({ ...step.params }),
    open: {},
    cacheable: step.cacheable === true,
    version: step.version,
    script: scriptOf(step),
    code: [step.constructor],
    setup: step.setup ? (ctx) => step.setup?.(ctx) : undefined,
    teardown: step.teardown ? (resource) => step.teardown?.(resource) : undefined,
    run: (data, ctx, params, resource) => step.run(data as never, ctx, params, resource),
  };
}
