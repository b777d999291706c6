import type { Plugin } from '../plugin/plugin.ts';
import { callOrStop, type PluginHooks } from '../plugin/plugin-hooks.ts';
import type { CellRecord } from '../plugin/records.ts';
import type { CellStore } from '../result/cell-store.ts';
import type { ActiveRun } from './active-run.ts';

/** Commits that may be under way while further cells run; more would only fill memory. */
const MOST_PENDING = 1024;

const NOTHING = Promise.resolve();

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
  /** By cell: the commit that is under way. */
  readonly #pending = new Map<string, Promise<void>>();
  /** Resolved when a commit ends, for those that wait until there are fewer. */
  #room: PromiseWithResolvers<void> | undefined;
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

  /** Commits what counts as restored, but is not stored yet. @throws what a `commitCell` threw. */
  async commitRestored(records: readonly CellRecord[]): Promise<void> {
    for (const record of records) await this.#commitByAll(this.#hooks.commitCell, record);
  }

  /** A promise where the next cell has to wait for it. A second record of the same cell is dropped. */
  add(record: CellRecord): void | Promise<unknown> {
    if (this.#closed || this.#cells.has(record.condition, record.replicate)) return;
    if (this.#hooks.commitCell.length === 0) return this.#finish(record);
    const key = `${record.replicate}/${record.condition}`;
    if (this.#pending.has(key)) return;
    // Noted before the commit begins: it may end before this call does.
    this.#pending.set(key, NOTHING);
    const commit = this.#commit(record, key);
    if (this.#pending.has(key)) this.#pending.set(key, commit);
    if (this.#pending.size < MOST_PENDING) return;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Waits for what is under way; the records of cells that were left to themselves come too late. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#pending.size > 0) await Promise.all(this.#pending.values());
  }

  async #commit(record: CellRecord, key: string): Promise<void> {
    try {
      const { commitCell } = this.#hooks;
      const [only] = commitCell;
      if (only && commitCell.length === 1) await this.#commitBy(only, record);
      else await this.#commitByAll(commitCell, record);
      const held = this.#finish(record);
      if (held) await held;
    } catch (error) {
      this.#run.fail(error as Error);
    } finally {
      this.#pending.delete(key);
      this.#room?.resolve();
      this.#room = undefined;
    }
  }

  #commitBy(plugin: Plugin, record: CellRecord): Promise<void> {
    return callOrStop(plugin, 'commitCell', () => plugin.commitCell?.(this.#run, record));
  }

  async #commitByAll(plugins: readonly Plugin[], record: CellRecord): Promise<void> {
    // allSettled: one plugin's failure must not leave another's commit running unseen.
    const commits = await Promise.allSettled(plugins.map((plugin) => this.#commitBy(plugin, record)));
    const failed = commits.find((commit) => commit.status === 'rejected');
    if (failed) throw failed.reason;
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
