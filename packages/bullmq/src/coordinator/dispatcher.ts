import type { AttemptSpec, CellRecord, CellSpec } from '@crystallize/core';
import type { BulkJobOptions, Queue } from 'bullmq';
import { type CellJob, JOB_NAME } from '../wire/cell-job.ts';
import { CellDurations } from './cell-durations.ts';
import { lostRecord } from './lost-record.ts';

/** Cells in one job at most, however small they are. */
const MOST_CELLS = 32;

/** One try of a cell that was given away. */
interface GivenCell {
  readonly cell: CellSpec;
  readonly attempt: AttemptSpec;
  /** That it goes into a job of its own. */
  readonly alone: boolean;
  readonly settle: PromiseWithResolvers<CellRecord | undefined>;
}

/** A job that has been queued. */
export interface QueuedJob {
  readonly id: string;
  /** By position; `undefined` once it is known what came of the cell. */
  readonly cells: (GivenCell | undefined)[];
}

/** What came of a cell: a record, or why the run can't go on. */
export type CellOutcome = { readonly record: CellRecord } | { readonly error: Error };

/** Puts cells on the queue, small ones several to a job, and gives what comes of them to those who wait. */
export class Dispatcher {
  readonly durations: CellDurations = new CellDurations();
  /** By id: the jobs of which a cell has not ended. */
  readonly jobs: Map<string, QueuedJob> = new Map();
  /** With how many jobs on the queue workers have enough to do. */
  enough = 16;
  readonly #queue: Queue<CellJob>;
  readonly #onFailure: (error: Error) => void;
  #waiting: GivenCell[] = [];
  #scheduled = false;
  #count = 0;
  #ended = false;

  constructor(queue: Queue<CellJob>, onFailure: (error: Error) => void) {
    this.#queue = queue;
    this.#onFailure = onFailure;
  }

  /** Has a cell run by a worker. `undefined` when the run ended before the cell did. */
  attempt(cell: CellSpec, attempt: AttemptSpec): Promise<CellRecord | undefined> {
    return this.#give({ cell, attempt, alone: false, settle: Promise.withResolvers() });
  }

  /** What came of a cell of a job. What nobody waits for any more is dropped. */
  settle(job: string, index: number, outcome: CellOutcome): void {
    const queued = this.jobs.get(job);
    const given = queued?.cells[index];
    if (!queued || !given) return;
    queued.cells[index] = undefined;
    if (queued.cells.every((cell) => cell === undefined)) {
      this.jobs.delete(job);
      if (this.#waiting.length > 0) this.#scheduleFlush();
    }
    if ('error' in outcome) {
      given.settle.reject(outcome.error);
      return;
    }
    this.durations.note(outcome.record);
    given.settle.resolve(outcome.record);
  }

  /** Whether the cell at that place of the job is this one. */
  expects(job: string, index: number, { replicate, condition, seed }: CellSpec): boolean {
    const cell = this.jobs.get(job)?.cells[index]?.cell;
    return cell?.replicate === replicate && cell.condition === condition && cell.seed === seed;
  }

  /** A job was given to one worker after the other, and each was gone before it had ended. */
  failed(id: string): void {
    const job = this.jobs.get(id);
    const left = job?.cells.filter((cell) => cell !== undefined) ?? [];
    this.jobs.delete(id);
    for (const given of left) {
      // Of several cells only one may be at fault; alone, each shows whether it is.
      if (job?.cells.length === 1) given.settle.resolve(lostRecord(given.cell, given.attempt));
      else this.#give({ ...given, alone: true }).catch(() => {});
    }
  }

  /** Queues what is left of a job's cells once more, since Redis has lost the job. */
  again(id: string): void {
    const left = this.jobs.get(id)?.cells.filter((cell) => cell !== undefined) ?? [];
    this.jobs.delete(id);
    for (const given of left) this.#give(given).catch(() => {});
  }

  /**
   * Nothing is given away any more, and what no worker has taken yet is taken back.
   *
   * @param remove - Takes a job off the queue; resolves to false when a worker has it.
   */
  async stop(remove: (id: string) => Promise<boolean>): Promise<void> {
    this.#ended = true;
    for (const { settle } of this.#waiting.splice(0)) settle.resolve(undefined);
    await Promise.all(
      [...this.jobs.keys()].map(async (id) => {
        if (!(await remove(id))) return;
        for (const given of this.jobs.get(id)?.cells ?? []) given?.settle.resolve(undefined);
        this.jobs.delete(id);
      }),
    );
  }

  /** Nothing is given away any more; who waits is told that the run has ended. */
  end(): void {
    this.#ended = true;
    this.#settleAll(({ settle }) => settle.resolve(undefined));
  }

  /** The run can't go on. */
  fail(error: Error): void {
    this.#ended = true;
    this.#settleAll(({ settle }) => settle.reject(error));
  }

  #give(given: GivenCell): Promise<CellRecord | undefined> {
    if (this.#ended) given.settle.resolve(undefined);
    else {
      this.#waiting.push(given);
      this.#scheduleFlush();
    }
    return given.settle.promise;
  }

  #scheduleFlush(): void {
    // Cells that are given away at the same time can share a job.
    if (!this.#scheduled) setImmediate(() => this.#flush());
    this.#scheduled = true;
  }

  #flush(): void {
    this.#scheduled = false;
    const groups = this.#groupsOf(this.#waiting);
    const last = groups.at(-1);
    // While workers have enough to do, a job that is not full waits for more cells.
    this.#waiting = last && !last.isFull && this.jobs.size + groups.length > this.enough ? last.cells : [];
    if (this.#waiting.length > 0) groups.pop();
    if (groups.length === 0) return;
    const jobs = groups.map(({ cells }): QueuedJob => ({ id: `${++this.#count}-cells`, cells }));
    for (const job of jobs) this.jobs.set(job.id, job);
    this.#queue
      .addBulk(
        jobs.map((job) => ({ name: JOB_NAME, data: dataOf(job), opts: { ...JOB_OPTIONS, jobId: job.id } })),
      )
      .catch((error: Error) => {
        if (!this.#ended) this.#onFailure(error);
      });
  }

  #groupsOf(waiting: readonly GivenCell[]): { readonly cells: GivenCell[]; isFull: boolean }[] {
    const groups: { readonly cells: GivenCell[]; isFull: boolean }[] = [];
    let filled = 1;
    for (const given of waiting) {
      const share = given.alone ? 1 : this.durations.share(given.cell);
      const last = groups.at(-1);
      if (last && filled + share <= 1 && last.cells.length < MOST_CELLS) last.cells.push(given);
      else {
        if (last) last.isFull = true;
        groups.push({ cells: [given], isFull: false });
        filled = 0;
      }
      filled += share;
    }
    const last = groups.at(-1);
    if (last && (filled >= 1 || last.cells.length === MOST_CELLS)) last.isFull = true;
    return groups;
  }

  #settleAll(settle: (given: GivenCell) => void): void {
    const left = [...this.#waiting, ...[...this.jobs.values()].flatMap(({ cells }) => cells)];
    this.#waiting = [];
    this.jobs.clear();
    for (const given of left) if (given) settle(given);
  }
}

/** What is done leaves no trace in the queue: the results stand elsewhere. */
const JOB_OPTIONS: BulkJobOptions = { removeOnComplete: true, removeOnFail: false, stackTraceLimit: 0 };

function dataOf({ cells }: QueuedJob): CellJob {
  return {
    cells: cells.flatMap((given) => (given ? [{ ...given.cell, attempt: given.attempt }] : [])),
  };
}
