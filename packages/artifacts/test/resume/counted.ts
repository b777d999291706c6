import {
  Artifact,
  AsyncExecution,
  type CellSpec,
  datasource,
  Experiment,
  jsonCodec,
  type Plugin,
  pipelineStep,
  type Treatment,
  treatment,
} from '@crystallize/core';

/** What every cell writes. */
export const total: Artifact<number, 'total.json'> = new Artifact('total.json', jsonCodec<number>());

/** How an experiment of these tests is made. */
export interface CountedOptions {
  readonly plugin: Plugin;
  readonly replicates?: number;
  readonly seed?: number | undefined;
  readonly treatments?: readonly Treatment[];
  readonly initialContext?: Readonly<Record<string, unknown>>;
  /** Base of the datasource. */
  readonly base?: number;
  readonly power?: number;
  readonly steps?: 'add' | 'add and square';
  readonly name?: string;
  readonly concurrent?: boolean;
  /** Called in each cell; may throw. */
  readonly inCell?: (cell: CellSpec) => void | Promise<void>;
}

/** An experiment that notes each cell that runs. */
export interface Counted {
  readonly experiment: Experiment;
  /** `<replicate> <condition>` of each cell that has begun, in order. */
  readonly began: string[];
  /** Has its next run aborted once so many cells were reported as done; no further one ends before that. */
  abortAfter(count: number): Abort;
}

/** How a run is aborted. */
export interface Abort {
  readonly reason: Error;
  /** For that run. */
  readonly options: { readonly signal: AbortSignal; onEvent(event: { readonly type: string }): void };
}

/** Adds `by` (1, or what a treatment says) to base + replicate + a random number; writes and records the total. */
export function counted(options: CountedOptions): Counted {
  const began: string[] = [];
  let gate: { free: number; readonly opened: Promise<void> } | undefined;
  const add = pipelineStep({
    name: 'add',
    params: { by: 1, power: options.power ?? 1 },
    version: '1',
    async run(value: number, ctx, { by, power }) {
      began.push(`${ctx.replicate} ${ctx.condition}`);
      // Cells go on while earlier ones are committed, and a slow disk would let all of them end.
      if (gate && gate.free-- <= 0) await gate.opened;
      await options.inCell?.({ replicate: ctx.replicate, condition: ctx.condition, seed: ctx.seed });
      const sum = (value + by + ctx.rng.next()) ** power;
      await total.write(sum);
      ctx.record('total', sum, { by });
      ctx.record('map', new Map([['sum', sum]]));
      return sum;
    },
  });
  const square = pipelineStep({
    name: 'square',
    version: '1',
    run(value: number, ctx) {
      ctx.record('square', value ** 2);
      return value;
    },
  });
  const base = options.base ?? 10;
  const source = datasource((ctx) => base + ctx.replicate);
  const experiment = new Experiment({
    name: options.name ?? 'counted',
    datasource: { ...source, fingerprint: () => `base ${base}` },
    pipeline: options.steps === 'add and square' ? [add(), square()] : [add()],
    treatments: options.treatments ?? [treatment('double', { by: 2 })],
    plugins: [options.plugin, ...(options.concurrent ? [AsyncExecution({ concurrency: 4 })] : [])],
    replicates: options.replicates ?? 3,
    ...('seed' in options ? (options.seed === undefined ? {} : { seed: options.seed }) : { seed: 7 }),
    initialContext: options.initialContext ?? {},
    outputs: [total],
  }) as Experiment;
  return {
    experiment,
    began,
    abortAfter(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = { free: count, opened: promise };
      return abortAfter(count, () => {
        gate = undefined;
        resolve();
      });
    },
  };
}

/** A function for `inCell` that throws in some cells, for as long as they are in the set. */
export function failingIn(cells: Set<string>): (cell: CellSpec) => void {
  return ({ replicate, condition }) => {
    if (cells.has(`${replicate} ${condition}`)) throw new Error(`no luck in ${replicate} ${condition}`);
  };
}

/** Aborts a run once so many cells were reported as done; others may have ended by then. */
export function abortAfter(count: number, then: () => void = () => {}): Abort {
  const abort = new AbortController();
  let ended = 0;
  const reason = new Error('enough');
  return {
    reason,
    options: {
      signal: abort.signal,
      onEvent: ({ type }) => {
        if (type !== 'cell:end' || ++ended < count) return;
        abort.abort(reason);
        then();
      },
    },
  };
}
