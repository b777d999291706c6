import { type CellRecord, recordError, StorageError } from '@crystallize/core';
import { type CellPool, cellRecordToText } from '@crystallize/core/worker';
import type { QueuedCell } from '../wire/cell-job.ts';
import type { JobTeller } from './job-teller.ts';
import type { QueueWorkerCell, QueueWorkerEvent } from './queue-worker-event.ts';

/** What a job's cells are run with. */
export interface JobSetting {
  /** For events. */
  readonly experiment: string;
  readonly pool: CellPool;
  readonly teller: JobTeller;
  /** Whether the run has ended for this worker. */
  isOver(): boolean;
  emit(event: QueueWorkerEvent): void;
}

/** The cells of a job while they run. */
export class JobCells {
  readonly #setting: JobSetting;
  readonly #telling: Promise<void>[] = [];
  /** Whether this worker still has the job. */
  #counts = true;

  constructor(setting: JobSetting) {
    this.#setting = setting;
  }

  /**
   * Runs the cells, and tells of each as it ends.
   *
   * @param told - Positions of those of which an earlier worker has told.
   * @param ahead - Whether they are all handed to the pool at once: it then wastes no time between small cells,
   * but may run several of them at the same time.
   * @throws what the pool throws when this worker can run no cell of the run any more.
   */
  async run(cells: readonly QueuedCell[], told: ReadonlySet<number>, ahead: boolean): Promise<void> {
    const running: Promise<void>[] = [];
    for (const [index, cell] of cells.entries()) {
      if (!this.#counts || this.#setting.isOver()) break;
      if (told.has(index)) continue;
      running.push(this.#runOne(index, cell));
      if (!ahead) await Promise.allSettled(running.slice(-1));
    }
    const ended = await Promise.allSettled(running);
    this.#setting.teller.end();
    await Promise.all(this.#telling);
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #runOne(index: number, { attempt, ...cell }: QueuedCell): Promise<void> {
    const { pool, teller, experiment, emit } = this.#setting;
    const shown: QueueWorkerCell = { experiment, condition: cell.condition, replicate: cell.replicate };
    const startedAt = performance.now();
    const aborted = () => {
      emit({ type: 'cell:end', ...shown, status: 'aborted', duration: performance.now() - startedAt });
    };
    emit({ type: 'cell:start', ...shown });
    let record: CellRecord | undefined;
    try {
      record = await pool.run(cell, { attempt, isCurrent: () => teller.isCurrent() });
    } catch (error) {
      aborted();
      this.#counts = false;
      if (!(error instanceof StorageError)) throw error;
      await teller.tell({ index, error: recordError(error) });
      return;
    }
    if (record) this.#telling.push(this.#tell(index, record, shown, aborted));
    else aborted();
  }

  /** The next cell need not wait for it. */
  async #tell(index: number, record: CellRecord, shown: QueueWorkerCell, aborted: () => void): Promise<void> {
    const { teller, emit } = this.#setting;
    let counts = false;
    try {
      counts = await teller.tell({ index, record: cellRecordToText(record) });
    } finally {
      if (!counts) {
        this.#counts = false;
        aborted();
      }
    }
    if (!counts) return;
    const { status, duration, error } = record;
    emit({ type: 'cell:end', ...shown, status, duration, ...(error ? { error: error.message } : {}) });
  }
}
