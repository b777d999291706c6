import { callOrStop, type PluginHooks } from '../plugin/plugin-hooks.ts';
import type { CellRecord } from '../plugin/records.ts';
import type { CellStore } from '../result/cell-store.ts';
import type { ActiveRun } from './active-run.ts';

/** Commits that may be under way while further cells run; more would only fill memory. */
const MOST_PENDING = 1024;

/** @internal What becomes of a record once it is committed. */
export interface CommitListener {
  /** May return a promise to hold back further cells until a slow reader has caught up. */
  committed(record: CellRecord): void | Promise<void>;
}

/** @internal How many cells a run has, and how many of them were there already. */
export interface CellCounts {
  readonly total: number;
  readonly restored: number;
}

/**
 * @internal Takes the records of ended cells through every `commitCell`, and reports them when these
 * have resolved. The next cell need not wait for that: an fsync takes longer than most cells.
 */
export class CommitQueue {
  readonly #run: ActiveRun;
  readonly #hooks: PluginHooks;
  readonly #cells: CellStore;
  readonly #listener: CommitListener;
  readonly #counts: CellCounts;
  readonly #reported = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  #ended = 0;
  #closed = false;

  constructor(
    run: ActiveRun,
    hooks: PluginHooks,
    cells: CellStore,
    counts: CellCounts,
    listener: CommitListener,
  ) {
    this.#run = run;
    this.#hooks = hooks;
    this.#cells = cells;
    this.#counts = counts;
    this.#listener = listener;
  }

  /** Cells whose record has been committed in this run. */
  get ended(): number {
    return this.#ended;
  }

  /** A promise where the next cell has to wait for it. A second record of the same cell is dropped. */
  add(record: CellRecord): void | Promise<unknown> {
    if (this.#closed || this.#cells.has(record.condition, record.replicate)) return;
    if (this.#hooks.commitCell.length === 0) return this.#finish(record);
    const key = `${record.replicate}/${record.condition}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    const commit = this.#commit(record).finally(() => {
      this.#pending.delete(commit);
      this.#reported.delete(key);
    });
    this.#pending.add(commit);
    if (this.#pending.size >= MOST_PENDING) return Promise.race(this.#pending);
  }

  /** Waits for what is under way; the records of cells that were left to themselves come too late. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #commit(record: CellRecord): Promise<void> {
    try {
      // allSettled: one plugin's failure must not leave another's commit running unseen.
      const commits = this.#hooks.commitCell.map((plugin) =>
        callOrStop(plugin, 'commitCell', () => plugin.commitCell?.(this.#run, record)),
      );
      const failed = (await Promise.allSettled(commits)).find((commit) => commit.status === 'rejected');
      if (failed) throw failed.reason;
      await this.#finish(record);
    } catch (error) {
      this.#run.fail(error as Error);
    }
  }

  #finish(record: CellRecord): void | Promise<void> {
    this.#cells.add(record);
    this.#ended++;
    if (this.#run.observed) {
      const { restored, total } = this.#counts;
      this.#run.emit({ type: 'cell:end', cell: record, ended: restored + this.#ended, cells: total });
    }
    return this.#listener.committed(record);
  }
}
