import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { datasource, Experiment, pipelineStep, type RunEvent } from '@crystallize/core';
import { executor, isMain, tell } from './support.ts';

// What happens in cells is told as it happens, and a run can be ended from outside.

const [, , , scenario, gate = ''] = process.argv;

/** Waits for what only the main process does, once it has heard of this cell. */
const open = async (signal: AbortSignal) => {
  while (!existsSync(gate)) await delay(5, undefined, { signal });
};

const waiting = pipelineStep({
  name: 'waiting',
  async run(replicate: number, ctx) {
    ctx.log('waiting', { pid: process.pid, at: new Date(0) });
    ctx.emit('progress', { done: 0.5, big: 1n });
    if (scenario === 'live' || scenario === 'stop') await open(ctx.signal);
    if (scenario === 'signal') await delay(60_000, undefined, { signal: ctx.signal });
    if (scenario === 'never') await new Promise(() => setInterval(() => {}, 1000));
    if (scenario === 'loop' || scenario === 'spin') for (;;);
    ctx.record('replicate', replicate);
    if (replicate === 2) ctx.record('method', () => replicate);
    return replicate;
  },
});
const experiment = new Experiment({
  name: 'live',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [waiting()],
  replicates: 4,
  plugins: [executor()],
});

if (isMain) {
  const controller = new AbortController();
  const reason = new Error('that will do');
  process.once('SIGINT', () => controller.abort(reason));
  const pids = new Set<number>();
  const heard: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    heard.push(event);
    if (event.type !== 'log') return;
    pids.add((event.data as { readonly pid: number }).pid);
    // Both workers are at it.
    if (heard.filter(({ type }) => type === 'log').length !== 2) return;
    if (scenario === 'live') writeFileSync(gate, '');
    else tell('waiting', [...pids]);
    if (scenario === 'never' || scenario === 'loop' || scenario === 'stop') controller.abort(reason);
    // Those under way end at once.
    if (scenario === 'stop') writeFileSync(gate, '');
  };
  const outcome = await experiment.run({ onEvent, signal: controller.signal }).then(
    ({ status, warnings, baseline }) => {
      tell('uncarried', [warnings, String(baseline.metrics['method'])]);
      return status;
    },
    (error: unknown) => (error === reason ? 'aborted' : String(error)),
  );
  tell('outcome', outcome);
  tell(
    'left',
    [...pids].filter((pid) => pid !== process.pid && isThere(pid)),
  );
  for (let replicate = 0; replicate < 4; replicate++) {
    const own = heard.filter((event) => 'cell' in event && event.cell?.replicate === replicate);
    tell(
      'events',
      own.map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type)),
    );
  }
  const logged = heard.find((event) => event.type === 'log');
  const custom = heard.find((event) => event.type === 'custom');
  tell('carried', [
    (logged?.data as { at?: unknown })?.at instanceof Date,
    typeof (custom?.payload as { big?: unknown })?.big,
  ]);
  tell(
    'ended',
    heard.flatMap((event) => (event.type === 'cell:end' ? [[event.ended, event.cells]] : [])),
  );
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
