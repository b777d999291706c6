import { setTimeout as delay } from 'node:timers/promises';
import { type CellRecord, type CellWork, type RunHandle, reviveError } from '@crystallize/core';
import { cellRecordFromText } from '@crystallize/core/worker';
import type { Queue } from 'bullmq';
import { watchForLoss } from '../connection/loss-watch.ts';
import { QueueLostError, QueueTakenOverError } from '../queue-errors.ts';
import type { CellJob } from '../wire/cell-job.ts';
import { entryFromFields, fieldsOf, type ResultsEntry } from '../wire/inbox-entry.ts';
import { eventsFromText } from '../wire/live-event.ts';
import { openQueue } from '../wire/open-queue.ts';
import { sentRunToText } from '../wire/portable-description.ts';
import { ringBell } from '../wire/ring-bell.ts';
import { aliveWorkers, signOfLife, takeOver } from '../wire/scripts.ts';
import { within } from '../within.ts';
import { Attendance } from './attendance.ts';
import { Dispatcher } from './dispatcher.ts';
import type { RunSession } from './run-session.ts';
import { type StreamEntry, StreamReader } from './stream-reader.ts';
import { ToldResults } from './told-results.ts';

/** Between two signs of life, in milliseconds. */
const LONGEST_TICK = 2000;

/** How many jobs are kept on the queue, however few cells run at the same time. */
const LEAST_JOBS = 8;

/** How long letting go of the run may take, in milliseconds: Redis may be gone. */
const CLOSE_WITHIN = 1000;

/** Cells that are given away until one has ended: how long they take decides how many share a job. */
const FIRST_CELLS = 64;

/** Gives the cells of one run to workers, and hands on what comes back. */
export class Coordinator {
  readonly #run: RunHandle;
  readonly #work: CellWork;
  readonly #session: RunSession;
  readonly #queue: Queue<CellJob>;
  readonly #dispatcher: Dispatcher;
  readonly #attendance: Attendance;
  readonly #told = new ToldResults();
  readonly #over = new AbortController();
  /** Jobs that Redis did not know when it was last asked. */
  #missing: ReadonlySet<string> = new Set();
  #description = '';
  #definition = '';
  #failure: { readonly error: unknown } | undefined;
  #wake = new AbortController();

  constructor(run: RunHandle, work: CellWork, session: RunSession) {
    this.#run = run;
    this.#work = work;
    this.#session = session;
    this.#queue = openQueue(session.redis, session.keys, run.id);
    this.#dispatcher = new Dispatcher(this.#queue, (error) => this.#fail(error));
    this.#attendance = new Attendance(run, session.settings, session.connection.address);
  }

  /** Resolves when every cell has been run, or the run has ended. */
  async execute(): Promise<void> {
    const { redis, keys } = this.#session;
    const description = await this.#work.describe();
    this.#definition = JSON.stringify(description.definition);
    const { keepResults: keep } = this.#session.settings;
    const { observed } = this.#run;
    this.#description = sentRunToText({ description, observed, keep });
    const reader = this.#reader();
    const unwatch = this.#watch();
    const onAbort = () => this.#dispatcher.end();
    this.#run.signal.addEventListener('abort', onAbort, { once: true });
    const onStop = () => {
      // What can't be taken back ends with the run.
      this.#dispatcher.stop((id) => this.#takeBack(id)).catch(() => {});
    };
    this.#run.stopSignal.addEventListener('abort', onStop, { once: true });
    if (this.#run.signal.aborted) onAbort();
    else if (this.#run.stopSignal.aborted) onStop();
    let ticking: Promise<void> | undefined;
    try {
      // What an earlier coordinator left there is committed by now, or counts no more.
      await redis.del(keys.inbox(this.#session.origin));
      await this.#publish();
      reader.start((error) => this.#fail(error));
      ticking = this.#tickUntilOver();
      await this.#feed();
    } finally {
      this.#run.signal.removeEventListener('abort', onAbort);
      this.#run.stopSignal.removeEventListener('abort', onStop);
      this.#over.abort();
      this.#dispatcher.end();
      unwatch();
      reader.close();
      // Workers let go of the run at once, whatever is still to be committed.
      const leaving = redis.zrem(keys.runs, this.#run.id).then(() => ringBell(redis, keys));
      await within(CLOSE_WITHIN, Promise.allSettled([leaving, ticking, this.#queue.close()]));
    }
    if (this.#failure) throw this.#failure.error;
  }

  async #feed(): Promise<void> {
    const running = new Set<Promise<void>>();
    let room = Promise.withResolvers<void>();
    for (const cell of this.#work.cells) {
      while (running.size >= this.#most() && !this.#failure && !this.#run.stopSignal.aborted)
        await room.promise;
      if (this.#failure || this.#run.stopSignal.aborted) break;
      const done = this.#work
        .runBy(cell, (attempt) => this.#dispatcher.attempt(cell, attempt))
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          running.delete(done);
          room.resolve();
          room = Promise.withResolvers();
        });
      running.add(done);
    }
    await Promise.all(running);
  }

  async #takeBack(job: string): Promise<boolean> {
    return (await this.#queue.remove(job)) === 1;
  }

  #most(): number {
    const { inFlight } = this.#session.settings;
    return this.#dispatcher.durations.areKnown ? inFlight : Math.min(inFlight, FIRST_CELLS);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#dispatcher.fail(error instanceof Error ? error : new Error(String(error)));
  }

  /** Makes the run known to workers. */
  async #publish(): Promise<void> {
    const { redis, keys, origin, settings } = this.#session;
    await redis.set(keys.definition(origin), this.#definition, 'PX', settings.keepResults);
    await redis.set(keys.description(this.#run.id), this.#description, 'PX', settings.keepResults);
    await this.#signOfLife();
    await ringBell(redis, keys);
  }

  #signOfLife(): Promise<unknown> {
    const { redis, keys, origin, settings } = this.#session;
    const { id } = this.#run;
    return signOfLife.run(
      redis,
      [keys.owner(origin), keys.runs, keys.description(id), keys.inbox(origin), keys.definition(origin)],
      [id, settings.orphanGrace, settings.keepResults],
    );
  }

  #reader(): StreamReader {
    const { redis, keys, origin } = this.#session;
    return new StreamReader(redis.duplicate(), [
      // What a cell told of itself comes before its result.
      { key: keys.events(this.#run.id), after: '0-0', entry: ([, fields]) => this.#takeEvents(fields) },
      { key: keys.inbox(origin), after: '0-0', entry: (entry) => this.#take(entry) },
      {
        key: keys.job(this.#run.id, 'events'),
        after: '0-0',
        entry: ([, fields]) => this.#takeQueueEvent(fields),
      },
    ]);
  }

  #take([id, fields]: StreamEntry): void {
    const entry = entryFromFields(fields);
    if (entry?.kind === 'results') this.#takeResults(id, entry);
    else if (entry) this.#attendance.note(entry);
  }

  #takeResults(id: string, { job, cells }: ResultsEntry): void {
    const records: CellRecord[] = [];
    for (const { index, record: text, error } of cells) {
      if (error) {
        this.#dispatcher.settle(job, index, { error: reviveError(error) as Error });
        continue;
      }
      try {
        const record = cellRecordFromText(text ?? '');
        if (!this.#dispatcher.expects(job, index, record)) continue;
        records.push(record);
        this.#dispatcher.settle(job, index, { record });
      } catch (failure) {
        this.#fail(failure);
      }
    }
    this.#told.hold(id, records);
  }

  /** What BullMQ itself tells of a job. */
  #takeQueueEvent(fields: readonly string[]): void {
    const { event, jobId } = fieldsOf(fields);
    if (event === 'failed' && jobId !== undefined) this.#dispatcher.failed(jobId);
  }

  #takeEvents(fields: readonly string[]): void {
    for (const event of eventsFromText(fieldsOf(fields)['data'] ?? '[]')) this.#run.emit(event);
  }

  #watch(): () => void {
    const { redis, address } = this.#session.connection;
    const { reconnectFor } = this.#session.settings;
    return watchForLoss(redis, {
      patience: reconnectFor,
      broken: (reason) =>
        this.#run.warn(
          `The connection to Redis at ${address} was lost (${reason}). The run goes on when it is back.`,
        ),
      mended: () => this.#wake.abort(),
      lost: (reason) => this.#fail(new QueueLostError(address, reconnectFor, reason)),
    });
  }

  async #tickUntilOver(): Promise<void> {
    const pause = Math.min(LONGEST_TICK, this.#session.settings.orphanGrace / 4);
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        await this.#tick();
      } catch (error) {
        if (!signal.aborted && this.#session.redis.status === 'ready') this.#fail(error);
      }
      this.#wake = new AbortController();
      await delay(pause, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => {});
    }
  }

  async #tick(): Promise<void> {
    const { redis, keys, origin } = this.#session;
    const state = await this.#signOfLife();
    if (state === 'taken') this.#fail(new QueueTakenOverError(this.#run.experiment.directory));
    if (state === 'lost') await this.#restore();
    const alive = (await aliveWorkers.run(redis, [keys.workers], [])) as readonly string[];
    const unattended = this.#attendance.check(alive, performance.now());
    if (unattended) this.#fail(unattended);
    this.#dispatcher.enough = Math.max(LEAST_JOBS, 2 * this.#attendance.lanes);
    await this.#audit();
    await this.#told.sweep(redis, keys.inbox(origin), (cell) => this.#work.committed(cell));
  }

  /** Redis has lost its data, as after a restart without persistence. */
  async #restore(): Promise<void> {
    const { redis, keys, origin, settings } = this.#session;
    await takeOver.run(redis, [keys.owner(origin), keys.runs], [this.#run.id, settings.keepResults]);
    await this.#publish();
    for (const id of [...this.#dispatcher.jobs.keys()]) this.#dispatcher.again(id);
  }

  /**
   * Queues again what Redis has lost of late, as in a crash. A job that ended is gone as well, until its
   * results are read: so only one that was missing twice is lost.
   */
  async #audit(): Promise<void> {
    const { redis, keys } = this.#session;
    const ids = [...this.#dispatcher.jobs.keys()];
    const asking = redis.pipeline();
    for (const id of ids) asking.exists(keys.job(this.#run.id, id));
    const answers = (await asking.exec()) ?? [];
    const missing = new Set(ids.filter((_, index) => answers[index]?.[1] === 0));
    for (const id of missing) {
      if (!this.#missing.has(id)) continue;
      missing.delete(id);
      this.#dispatcher.again(id);
    }
    this.#missing = missing;
  }
}
