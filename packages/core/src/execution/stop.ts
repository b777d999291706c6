import { setTimeout as delay } from 'node:timers/promises';
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
  const over = new AbortController();
  const finished = executing.finally(() => over.abort());
  try {
    await Promise.race([finished, givenUp(run, over.signal)]);
  } finally {
    // Left to itself, it may still fail; nobody waits for it any more.
    finished.catch(() => {});
  }
}

async function givenUp(run: ActiveRun, over: AbortSignal): Promise<void> {
  const wait = async (ms: number) => {
    await delay(ms, undefined, { signal: over }).catch(() => {});
  };
  await aborted(run.stopping);
  if (!run.signal.aborted) await wait(GRACE_MS);
  if (over.aborted) return;
  run.end(run.stopping.reason);
  await wait(LAST_MS);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
