import { setTimeout as delay } from 'node:timers/promises';
import { AbortLatch } from './abort-latch.ts';
import type { ActiveRun } from './active-run.ts';

/** How long cells under way may go on after a stop, before their signal is aborted. */
const GRACE_MS = 2000;

/** How long they then get to end, before they are left to themselves. */
const LAST_MS = 1000;

/** @internal Stops the run when the user's signal is aborted; returns what undoes the link. */
export function stopWith(run: ActiveRun, signal: AbortSignal | undefined): () => void {
  if (!signal) return () => {};
  const onAbort = () => run.stop(signal.reason);
  // It may have been aborted while the run was being prepared.
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/**
 * @internal Waits for the executor; after a stop only for a while, then for its signal to take effect,
 * and then no longer.
 */
export async function untilStopped(run: ActiveRun, executing: Promise<void>): Promise<void> {
  const over = new AbortLatch();
  const finished = executing.finally(() => over.abort(undefined));
  try {
    await Promise.race([finished, givenUp(run, over)]);
  } finally {
    // Left to itself, it may still fail; nobody waits for it any more.
    finished.catch(() => {});
  }
}

async function givenUp(run: ActiveRun, over: AbortLatch): Promise<void> {
  const wait = async (ms: number) => {
    await delay(ms, undefined, { signal: over.signal }).catch(() => {});
  };
  await run.stopping.wait();
  if (!run.ending.aborted) await wait(GRACE_MS);
  if (over.aborted) return;
  run.end(run.stopping.reason);
  await wait(LAST_MS);
}
