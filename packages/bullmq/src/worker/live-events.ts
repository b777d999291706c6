import type { RunEvent } from '@crystallize/core';
import type { Redis } from 'ioredis';
import { eventsToText } from '../wire/live-event.ts';
import type { QueueKeys } from '../wire/queue-keys.ts';
import { sendLive } from '../wire/scripts.ts';

/** How long events wait for others, in milliseconds. */
const PAUSE = 50;

/** How many entries a stream of events holds: nobody needs those that were not read in time. */
const MOST_ENTRIES = 2000;

/** Sends the events of a run's cells to those who watch it. */
export class LiveEvents {
  readonly #redis: Redis;
  readonly #keys: readonly string[];
  readonly #keep: number;
  #waiting: RunEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param keep - How long they stand in Redis, in milliseconds. */
  constructor(redis: Redis, keys: QueueKeys, run: string, keep: number) {
    this.#redis = redis;
    this.#keys = [keys.events(run), keys.description(run)];
    this.#keep = keep;
  }

  send(event: RunEvent): void {
    this.#waiting.push(event);
    this.#timer ??= setTimeout(() => this.flush(), PAUSE);
  }

  /** Sends what waits now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    // They would only pile up; nothing depends on them.
    if (events.length === 0 || this.#redis.status !== 'ready') return;
    sendLive.run(this.#redis, this.#keys, [MOST_ENTRIES, this.#keep, eventsToText(events)]).catch(() => {});
  }
}
