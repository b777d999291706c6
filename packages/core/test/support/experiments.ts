import {
  type DatasourceContext,
  datasource,
  Experiment,
  type Plugin,
  pipelineStep,
  type RunEvent,
} from '@crystallize/core';

/** Yields the index of the replicate. */
export const replicateIndex = () => datasource((ctx: DatasourceContext) => ctx.replicate);

/** Records `score`: ten times the replicate, plus the open param `k`. */
export const score = pipelineStep({
  name: 'score',
  params: { k: 0 },
  run: (replicate: number, ctx, { k }) => {
    ctx.record('score', replicate * 10 + k);
    return replicate * 10 + k;
  },
});

/** An experiment of one step that does what is given. */
export function experimentOf(
  run: Parameters<typeof pipelineStep<number, unknown>>[0]['run'],
  more: { readonly plugins?: readonly Plugin[]; readonly replicates?: number; readonly name?: string } = {},
) {
  return new Experiment({
    datasource: replicateIndex(),
    pipeline: [pipelineStep({ name: 'work', run })()],
    seed: 1,
    ...more,
  });
}

/** A listener and what it has heard. */
export function recorder(): { readonly events: RunEvent[]; readonly onEvent: (event: RunEvent) => void } {
  const events: RunEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}

/** What a promise rejects with; fails the test when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, and it resolved with ${String(value)}`);
    },
    (reason: unknown) => reason,
  );
}
