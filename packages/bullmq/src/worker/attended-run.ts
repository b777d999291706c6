import type { CellPool } from '@crystallize/core/worker';
import { type Job, WaitingError, Worker } from 'bullmq';
import type { CellJob } from '../wire/cell-job.ts';
import { entryFields, type InboxEntry } from '../wire/inbox-entry.ts';
import { originIn, type SentRun, sentRunFromText } from '../wire/portable-description.ts';
import { JobCells } from './job-cells.ts';
import { JobTeller } from './job-teller.ts';
import { LiveEvents } from './live-events.ts';
import type { WorkerContext } from './worker-context.ts';

/** How many workers may be gone under a job until it is given to no further one. */
const MOST_LOST = 3;

/** How long BullMQ waits before it tries again what failed with the connection, in milliseconds. */
const RETRY_AFTER = 500;

/** One run of the queue, as long as this worker attends it. */
export class AttendedRun {
  readonly id: string;
  readonly #context: WorkerContext;
  readonly #over = new AbortController();
  readonly #opening: Promise<void>;
  #sent: SentRun | undefined;
  #events: LiveEvents | undefined;
  #pool: CellPool | undefined;
  #jobs: Worker<CellJob> | undefined;
  #refused = false;
  #isAlone = false;

  constructor(context: WorkerContext, id: string) {
    this.#context = context;
    this.id = id;
    this.#opening = this.#open().catch((error: unknown) => this.#refuse(error));
  }

  /**
   * Sets how many jobs it may take at the same time; those of all runs share the worker's slots.
   *
   * @param isAlone - Whether there is no other run that cells of this one could get in the way of.
   */
  share(count: number, isAlone: boolean): void {
    this.#isAlone = isAlone;
    if (this.#jobs && this.#jobs.concurrency !== count) this.#jobs.concurrency = count;
  }

  /** The run has ended: its cells are ended as well. */
  async end(): Promise<void> {
    this.#over.abort(new Error('The run has ended.'));
    await this.#opening;
    await Promise.all([this.#jobs?.close(true), this.#pool?.close()]);
  }

  /** No further cell begins; those under way end, and are told. */
  async leave(): Promise<void> {
    if (!this.#jobs) this.#over.abort(new Error('The worker was stopped.'));
    await this.#opening;
    await this.#jobs?.close();
    this.#events?.flush();
    await this.#pool?.close();
  }

  async #open(): Promise<void> {
    const { redis, keys, modules, settings, openPool, name } = this.#context;
    const text = await redis.get(keys.description(this.id));
    if (text === null) return;
    const sent = sentRunFromText(text, modules);
    this.#sent = sent;
    const events = sent.observed ? new LiveEvents(redis, keys, this.id, sent.keep) : undefined;
    this.#events = events;
    this.#pool = await openPool(sent.description, {
      workers: settings.concurrency,
      runtime: settings.runtime,
      elsewhere: true,
      signal: this.#over.signal,
      onEvent: events ? (event) => events.send(event) : undefined,
      onWarning: (message) => this.#warn(message),
      onArtifact: () =>
        this.#warn('Artifacts of this run are stored by no plugin, so that their bytes stay on this worker.'),
    });
    await this.#tell({ kind: 'ready', worker: name, lanes: settings.concurrency });
    if (!this.#over.signal.aborted) this.#jobs = this.#takeJobs();
  }

  #takeJobs(): Worker<CellJob> {
    const { redis, keys, settings } = this.#context;
    const jobs = new Worker<CellJob>(this.id, (job, token) => this.#run(job, token ?? ''), {
      connection: redis,
      prefix: keys.prefix,
      skipVersionCheck: true,
      concurrency: settings.concurrency,
      lockDuration: settings.lease,
      stalledInterval: Math.ceil(settings.lease / 2),
      maxStalledCount: MOST_LOST,
      runRetryDelay: RETRY_AFTER,
    });
    // A broken connection is told of where it was opened; of a lost job, the cell's end.
    jobs.on('error', () => {});
    return jobs;
  }

  async #run(job: Job<CellJob>, token: string): Promise<void> {
    const { redis, keys, name, slots, emit } = this.#context;
    const { pool, sent } = this.#opened();
    const release = await slots.take();
    try {
      const again = job.stalledCounter > 0;
      const held = {
        run: this.id,
        origin: sent.description.origin,
        id: job.id ?? '',
        token,
        keep: sent.keep,
      };
      // The result of the run's last cell ends the run: no event would be heard after it.
      const teller = new JobTeller(redis, keys, held, { worker: name, again }, () => this.#events?.flush());
      const cells = new JobCells({
        experiment: this.#experiment,
        pool,
        teller,
        emit,
        isOver: () => this.#over.signal.aborted,
      });
      const told = again ? await this.#toldOf(held.id) : new Set<number>();
      await cells.run(job.data.cells, told, this.#isAlone);
    } catch (error) {
      if (this.#over.signal.aborted) throw error;
      // It can run no cell of this run any more, but another worker may.
      await job.moveToWait(token);
      void this.#withdraw(error);
      throw new WaitingError();
    } finally {
      release();
    }
  }

  #opened(): { readonly pool: CellPool; readonly sent: SentRun } {
    if (this.#pool && this.#sent) return { pool: this.#pool, sent: this.#sent };
    throw new Error('A job came before the pool was open.');
  }

  /** Positions of the cells of which a worker has told that was gone before the job had ended. */
  async #toldOf(job: string): Promise<ReadonlySet<number>> {
    const { redis, keys } = this.#context;
    const fields = await redis.hkeys(keys.job(this.id, job));
    const prefix = 'told:';
    return new Set(
      fields.filter((field) => field.startsWith(prefix)).map((field) => Number(field.slice(prefix.length))),
    );
  }

  async #withdraw(error: unknown): Promise<void> {
    await this.#refuse(error);
    await this.#jobs?.close();
    await this.#pool?.close();
  }

  async #refuse(error: unknown): Promise<void> {
    if (this.#over.signal.aborted || this.#refused) return;
    this.#refused = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.emit({ type: 'refused', experiment: this.#experiment, reason });
    await this.#tell({ kind: 'refused', worker: this.#context.name, reason }).catch(() => {});
  }

  #warn(message: string): void {
    this.#context.emit({ type: 'warning', message: `${this.#experiment}: ${message}` });
    this.#tell({ kind: 'warning', worker: this.#context.name, message }).catch(() => {});
  }

  async #tell(entry: Exclude<InboxEntry, { readonly kind: 'results' }>): Promise<void> {
    const { redis, keys } = this.#context;
    const origin = this.#sent?.description.origin ?? (await this.#originInRedis());
    if (origin === undefined) return;
    await redis.xadd(keys.inbox(origin), '*', ...entryFields(entry));
  }

  /** Of a run that could not be read as a whole. */
  async #originInRedis(): Promise<string | undefined> {
    const text = await this.#context.redis.get(this.#context.keys.description(this.id));
    return text === null ? undefined : originIn(text);
  }

  get #experiment(): string {
    const experiment = this.#sent?.description.experiment;
    return experiment?.name ?? experiment?.directory ?? `of the run ${this.id}`;
  }
}
