import { keyOfMaking } from '../definition/made-experiments.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';

/** @internal What of an experiment or a graph a worker never executes. */
export type CallMethod =
  | 'run'
  | 'stream'
  | 'debug'
  | 'apply'
  | 'optimize'
  | 'explain'
  | 'graph.run'
  | 'graph.explain';

/** @internal A call, as the same one in another process is known again. */
export interface PastCall {
  readonly method: CallMethod;
  /** The experiment, or those of the graph. */
  readonly experiments: readonly ResolvedExperiment[];
}

/** @internal Numbers the equal calls of a process, in the order in which they are made. */
export class CallNumbers {
  readonly #counts = new Map<string, number>();

  /** What tells this call from all others; the same in each process that imports the same module. */
  keyOf({ method, experiments }: PastCall): string {
    const made = experiments.map(({ moduleCall, ordinal, info: { directory, id } }) => [
      keyOfMaking({ module: moduleCall, directory, id }),
      ordinal,
    ]);
    const call = JSON.stringify([method, made]);
    const number = this.#counts.get(call) ?? 0;
    this.#counts.set(call, number + 1);
    return `${call}#${number}`;
  }
}

/** @internal For people. */
export function nameOfCall({ method, experiments }: PastCall): string {
  if (method.startsWith('graph.')) return `${method}()`;
  return `${method}() of the experiment '${experiments[0]?.info.directory}'`;
}

/** @internal The answer of a main process in which a call has not ended. */
export const PENDING = 'pending';

/** @internal The answer of one in which it has ended, and that does not know any more how. */
export const FORGOTTEN = 'forgotten';
