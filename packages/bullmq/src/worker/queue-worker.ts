import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { watchForLoss } from '../connection/loss-watch.ts';
import { ringBell } from '../wire/ring-bell.ts';
import { attend } from '../wire/scripts.ts';
import { AttendedRun } from './attended-run.ts';
import type { WorkerContext } from './worker-context.ts';

/** Between two looks at the queue, in milliseconds, unless its bell rings. */
const PAUSE = 1000;

/** How long a worker counts as alive after it has looked, in milliseconds. */
const ALIVE_FOR = 5000;

/** How long a worker that is to stop waits for a Redis that is gone, in milliseconds. */
const LOST_AFTER = 3000;

/** Attends the runs of a queue, as they come and go. */
export class QueueWorker {
  readonly #context: WorkerContext;
  readonly #bell: Redis;
  readonly #attended = new Map<string, AttendedRun>();
  /** Runs that are being let go of. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(context: WorkerContext) {
    this.#context = context;
    // A connection of its own, since listening blocks it.
    this.#bell = context.redis.duplicate();
    this.#bell.on('error', () => {});
  }

  /** Resolves when `signal` was aborted and the cells that were under way have ended. */
  async work(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      // What it waits for may be a Redis that is gone.
      await Promise.race([aborted.promise, this.#attend(signal)]);
      await this.#stopUnlessLost();
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#bell.disconnect();
    }
  }

  async #attend(signal: AbortSignal): Promise<void> {
    let heard = '0-0';
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        if (!signal.aborted) heard = await this.#listen(heard);
      } catch (error) {
        if (signal.aborted) return;
        const message = `Redis could not say what there is to do (${(error as Error).message}); it is asked again.`;
        this.#context.emit({ type: 'warning', message });
        await delay(PAUSE);
      }
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { redis, keys, name } = this.#context;
    const answer = (await attend.run(
      redis,
      [keys.workers, keys.runs],
      [name.id, ALIVE_FOR],
    )) as readonly unknown[];
    if (signal.aborted) return;
    const listed = new Map<string, boolean>();
    for (let at = 0; at + 1 < answer.length; at += 2) listed.set(String(answer[at]), answer[at + 1] === 1);
    for (const [id, isAlive] of listed) {
      if (isAlive && !this.#attended.has(id)) this.#attended.set(id, new AttendedRun(this.#context, id));
    }
    for (const [id, run] of this.#attended) {
      if (listed.get(id)) continue;
      this.#attended.delete(id);
      // Of a run without a coordinator, what has begun may still be of use.
      this.#letGo(listed.has(id) ? run.leave() : run.end());
    }
    await this.#share();
  }

  /** A run with nothing left to take must not keep others from what this worker could run. */
  async #share(): Promise<void> {
    const { redis, keys, settings } = this.#context;
    const runs = [...this.#attended.values()];
    const asking = redis.pipeline();
    if (runs.length > 1) for (const { id } of runs) asking.llen(keys.job(id, 'wait'));
    const answers = runs.length > 1 ? ((await asking.exec()) ?? []) : [];
    const busy = runs.filter((_, index) => runs.length === 1 || Number(answers[index]?.[1] ?? 0) > 0);
    const share = Math.max(1, Math.floor(settings.concurrency / Math.max(1, busy.length)));
    for (const run of runs) run.share(busy.includes(run) ? share : 1, runs.length === 1);
  }

  /** @returns The last entry that was heard. */
  async #listen(heard: string): Promise<string> {
    const answer = await this.#bell.xread('BLOCK', PAUSE, 'STREAMS', this.#context.keys.bell, heard);
    return answer?.[0]?.[1].at(-1)?.[0] ?? heard;
  }

  /** What has ended can't be told to a Redis that doesn't come back. */
  async #stopUnlessLost(): Promise<void> {
    const lost = Promise.withResolvers<void>();
    const unwatch = watchForLoss(this.#context.redis, {
      patience: LOST_AFTER,
      broken: () => {},
      lost: () => lost.resolve(),
    });
    try {
      await Promise.race([this.#stop(), lost.promise]);
    } finally {
      unwatch();
    }
  }

  async #stop(): Promise<void> {
    const { redis, keys, name } = this.#context;
    for (const run of this.#attended.values()) this.#letGo(run.leave());
    this.#attended.clear();
    await Promise.all(this.#leaving);
    await redis.zrem(keys.workers, name.id);
    await ringBell(redis, keys);
  }

  #letGo(leaving: Promise<void>): void {
    const gone = leaving.catch(() => {}).finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }
}
