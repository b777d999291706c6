import type { Redis } from 'ioredis';
import type { ResultsData, ToldCell } from '../wire/inbox-entry.ts';
import type { QueueKeys } from '../wire/queue-keys.ts';
import { isCurrent, tell } from '../wire/scripts.ts';

/** Between two messages of a job, in milliseconds: cells that end meanwhile are told of together. */
const PAUSE = 4;

/** Which job of which run, and by what right this worker has it. */
export interface HeldJob {
  readonly run: string;
  readonly origin: string;
  readonly id: string;
  /** BullMQ's, unique to this holding. */
  readonly token: string;
  /** How long results wait in Redis, in milliseconds. */
  readonly keep: number;
}

/**
 * Tells the coordinator what came of the cells of a job, each as soon as it has ended: what ends shortly
 * after what was told before goes together.
 */
export class JobTeller {
  readonly #redis: Redis;
  readonly #keys: QueueKeys;
  readonly #job: HeldJob;
  readonly #sender: Omit<ResultsData, 'cells'>;
  readonly #beforehand: () => void;
  #sentAt = Number.NEGATIVE_INFINITY;
  #isLast = false;
  #endPause: (() => void) | undefined;
  #waiting: ToldCell[] = [];
  #sending: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  /** @param beforehand - Sends, over the same connection, what has to be there before the results. */
  constructor(
    redis: Redis,
    keys: QueueKeys,
    job: HeldJob,
    sender: Omit<ResultsData, 'cells'>,
    beforehand: () => void,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#job = job;
    this.#sender = sender;
    this.#beforehand = beforehand;
  }

  /** Resolves to whether it counts: false once the job is another worker's, or the run another coordinator's. */
  tell(cell: ToldCell): Promise<boolean> {
    this.#waiting.push(cell);
    this.#next ??= this.#sendAfter(this.#sending);
    return this.#next;
  }

  /** Nothing more will be told, so that there is nothing to wait for. */
  end(): void {
    this.#isLast = true;
    this.#endPause?.();
  }

  /** Whether what would be told now counted. */
  async isCurrent(): Promise<boolean> {
    const { run, origin, id, token } = this.#job;
    const keys = [this.#keys.lock(run, id), this.#keys.owner(origin)];
    return (await isCurrent.run(this.#redis, keys, [token, run])) === 1;
  }

  async #sendAfter(before: Promise<boolean> | undefined): Promise<boolean> {
    // What failed before has been told to those who waited for it.
    await before?.catch(() => {});
    await this.#pause(this.#sentAt + PAUSE - performance.now());
    this.#sentAt = performance.now();
    const cells = this.#waiting;
    this.#waiting = [];
    this.#sending = this.#next;
    this.#next = undefined;
    return this.#send(cells);
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isLast || milliseconds <= 0) return;
    const over = Promise.withResolvers<void>();
    this.#endPause = over.resolve;
    const timer = setTimeout(over.resolve, milliseconds);
    await over.promise;
    clearTimeout(timer);
  }

  async #send(cells: readonly ToldCell[]): Promise<boolean> {
    const { run, origin, id, token, keep } = this.#job;
    const keys = this.#keys;
    const data: ResultsData = { ...this.#sender, cells };
    this.#beforehand();
    const counts = await tell.run(
      this.#redis,
      [keys.lock(run, id), keys.job(run, id), keys.owner(origin), keys.inbox(origin)],
      [token, run, keep, id, JSON.stringify(data), ...cells.map(({ index }) => index)],
    );
    return counts === 1;
  }
}
