import type { RunEvent } from '../plugin/events.ts';
import type { CellRecord } from '../plugin/records.ts';
import { CellLogEncoder } from '../storage/cell-log.ts';
import { recordToText } from './cell-record-text.ts';
import { eventToText } from './event-text.ts';
import type { WorkerLink } from './worker-link.ts';

/** Longer than this, nothing waits to be sent with what comes after it. */
const MOST_WAIT_MS = 5;

/**
 * @internal What a worker has to tell of its cells. Small cells are told together: a message each
 * would cost more than they do.
 */
export class WorkerOutbox {
  readonly #link: WorkerLink;
  readonly #encoder = new CellLogEncoder();
  #ended: (readonly [id: number, record: string | undefined])[] = [];
  #events: string[] = [];
  #flushed = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  event(event: RunEvent, atOnce: boolean): void {
    this.#events.push(eventToText(event));
    if (atOnce) this.#flushEvents();
    else this.#flushSoon();
  }

  ended(id: number, record: CellRecord | undefined): void {
    this.#ended.push([id, record && recordToText(this.#encoder, record)]);
    this.#flushSoon();
  }

  /** Whether it is time to send what waits. */
  get isDue(): boolean {
    return performance.now() - this.#flushed > MOST_WAIT_MS;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushEvents();
    if (this.#ended.length > 0) this.#link.post({ type: 'ended', cells: this.#ended });
    this.#ended = [];
    this.#flushed = performance.now();
  }

  /** What waits must not wait for a cell that takes its time. */
  #flushSoon(): void {
    this.#timer ??= setTimeout(() => this.flush(), MOST_WAIT_MS);
  }

  #flushEvents(): void {
    if (this.#events.length > 0) this.#link.post({ type: 'events', events: this.#events });
    this.#events = [];
  }
}
