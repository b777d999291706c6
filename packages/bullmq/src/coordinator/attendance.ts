import type { RunHandle } from '@crystallize/core';
import { QueueUnattendedError, seconds } from '../queue-errors.ts';
import { type InboxEntry, nameOf, type WorkerName } from '../wire/inbox-entry.ts';
import type { ExecutionSettings } from './execution-options.ts';

/** How long a run waits for a worker before it says so, in milliseconds. */
const WARN_AFTER = 10_000;

/** Who runs the cells of a run, and who does not, and why. */
export class Attendance {
  readonly #run: RunHandle;
  readonly #settings: ExecutionSettings;
  readonly #address: string;
  /** By the id of each worker that takes cells: how many at the same time. */
  readonly #ready = new Map<string, number>();
  /** By worker: why it takes none. */
  readonly #refused = new Map<string, { readonly worker: WorkerName; readonly reason: string }>();
  #alive: readonly string[] = [];
  #unattendedSince: number | undefined;
  #warned = false;

  constructor(run: RunHandle, settings: ExecutionSettings, address: string) {
    this.#run = run;
    this.#settings = settings;
    this.#address = address;
  }

  /** How many cells run at the same time, as far as is known. */
  get lanes(): number {
    return this.#alive.reduce((sum, worker) => sum + (this.#ready.get(worker) ?? 0), 0);
  }

  /** A worker has told something. */
  note(entry: Exclude<InboxEntry, { readonly kind: 'results' }>): void {
    const { worker } = entry;
    switch (entry.kind) {
      case 'ready':
        this.#ready.set(worker.id, entry.lanes);
        this.#refused.delete(worker.id);
        break;
      case 'refused':
        this.#ready.delete(worker.id);
        this.#refused.set(worker.id, entry);
        this.#run.warn(`The worker on ${nameOf(worker)} takes no cells of this run. ${entry.reason}`);
        break;
      case 'warning':
        this.#run.warn(`${nameOf(worker)}: ${entry.message}`);
    }
  }

  /**
   * Looks who is there.
   *
   * @param alive - Ids of the workers that attend the queue.
   * @param now - By the monotonic clock, in milliseconds.
   * @returns Why the run can't go on, when nobody has taken a cell for too long.
   */
  check(alive: readonly string[], now: number): QueueUnattendedError | undefined {
    this.#alive = alive;
    if (alive.some((worker) => this.#ready.has(worker))) {
      this.#unattendedSince = undefined;
      this.#warned = false;
      return undefined;
    }
    this.#unattendedSince ??= now;
    const waited = now - this.#unattendedSince;
    if (waited >= this.#settings.awaitWorkers) {
      return new QueueUnattendedError(this.#settings.awaitWorkers, this.#situation());
    }
    if (waited >= WARN_AFTER && !this.#warned) {
      this.#warned = true;
      this.#run.warn(
        `No worker has taken a cell of this run for ${seconds(WARN_AFTER)}. ${this.#situation()}`,
      );
    }
    return undefined;
  }

  #situation(): string {
    const { queue } = this.#settings;
    if (this.#alive.length === 0) {
      return `None attends the queue '${queue}' of ${this.#address}. Start one on each machine that has the same code: crystallize worker --queue ${queue} --redis ${this.#address}`;
    }
    const refused = this.#alive.flatMap((worker) => this.#refused.get(worker) ?? []);
    const many = this.#alive.length === 1 ? 'One worker attends' : `${this.#alive.length} workers attend`;
    if (refused.length === 0) {
      return `${many} the queue '${queue}' of ${this.#address}, but is not ready: it may be importing the experiment, or be busy with another run.`;
    }
    const reasons = refused.map(({ worker, reason }) => `\n  - ${nameOf(worker)}: ${reason}`).join('');
    return `${many} the queue '${queue}' of ${this.#address}, and refused:${reasons}\nBring them the code, packages and data of this run, and start them anew.`;
  }
}
