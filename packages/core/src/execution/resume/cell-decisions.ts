import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredCellRecord, StoredRun } from '../../plugin/plugin.ts';
import type { CellRecord, RunDefinition } from '../../plugin/records.ts';
import type { SupersededCell } from '../../plugin/run-handle.ts';
import type { CellStore } from '../../result/cell-store.ts';
import type { PreparedRun } from '../prepare-run.ts';
import { UnreadKeys } from '../unread-keys.ts';
import type { PlannedCell } from './explanation.ts';
import { changedInput } from './read-inputs.ts';

/** @internal Told of each stored cell that was asked for. */
export type PlanListener = (cell: PlannedCell, record: CellRecord) => void;

/** A few milliseconds' worth. */
const CELLS_PER_TURN = 1024;

/** @internal What decisions are made from. */
export interface DecisionParts {
  readonly prepared: PreparedRun;
  readonly stored: StoredRun;
  readonly definition: RunDefinition;
  readonly onCell: PlanListener;
}

/** @internal What becomes of each stored cell. */
export class CellDecisions {
  readonly cells: CellStore;
  readonly unread: UnreadKeys = new UnreadKeys();
  readonly superseded: SupersededCell[] = [];
  /** A sentence for each cell whose input has changed, where that is a difference to be accepted. */
  readonly changedInputs: string[] = [];
  /** Whether a cell of a graph's experiment would now read something else. */
  inputsChanged = false;
  restored = 0;
  readonly #prepared: PreparedRun;
  readonly #stored: StoredRun;
  readonly #now: RunDefinition;
  readonly #onCell: PlanListener;
  /** By condition: a byte for each replicate. */
  readonly #marks = new Map<string, Uint8Array>();

  constructor({ prepared, stored, definition, onCell }: DecisionParts, cells: CellStore) {
    this.#prepared = prepared;
    this.#stored = stored;
    this.#now = definition;
    this.#onCell = onCell;
    this.cells = cells;
  }

  /** Waits only where it has to: most runs have very many cells, and nothing to be asked of them. */
  async takeAll(cells: StoredRun['cells']): Promise<void> {
    if (Symbol.asyncIterator in cells) {
      for await (const cell of cells) await this.#take(cell);
      return;
    }
    let count = 0;
    for (const cell of cells) {
      const pending = this.#take(cell);
      if (pending) await pending;
      // Locks give signs of life, and signals are heard, only when the event loop turns.
      if (++count % CELLS_PER_TURN === 0) await nextTurn();
    }
  }

  #take({ record, condition: hash }: StoredCellRecord): void | Promise<void> {
    const { run, conditions } = this.#prepared;
    const { replicate, condition } = record;
    if (!conditions.has(condition)) return;
    const now = this.#now.conditions[condition];
    if (hash !== undefined && now !== undefined && hash !== now) {
      const what = condition === 'baseline' ? "the baseline's own values" : `the treatment '${condition}'`;
      // Also where it was not asked for: values of two treatments must not stand under one name.
      return this.#runAgain(record, `${what} ${what.endsWith('values') ? 'have' : 'has'} changed`);
    }
    if (replicate >= run.replicates) return;
    if (record.status === 'failed')
      return this.#runAgain(record, `it failed: ${firstLine(record.error?.message)}`);
    const looks = record.inputs.length > 0 || (record.artifacts.length > 0 && this.#stored.has !== undefined);
    if (looks) return this.#lookInto(record);
    this.#restore(record);
  }

  async #lookInto(record: CellRecord): Promise<void> {
    const reason = (await this.#lost(record)) ?? (await this.#changed(record));
    if (reason !== undefined) this.#runAgain(record, reason);
    else this.#restore(record);
  }

  #restore(record: CellRecord): void {
    const { replicate, condition } = record;
    this.cells.add(record);
    this.#markRestored(record);
    this.unread.note(record);
    this.restored += 1;
    const { version } = this.#stored;
    const where = version === undefined ? 'done' : `done in v${version}`;
    this.#onCell({ replicate, condition, action: 'restore', reason: where }, record);
  }

  /** Unlike the cells, which grow while the run goes on. */
  isRestored(condition: string, replicate: number): boolean {
    return this.#marks.get(condition)?.[replicate] === 1;
  }

  #markRestored({ condition, replicate }: CellRecord): void {
    let marks = this.#marks.get(condition);
    if (!marks) {
      marks = new Uint8Array(this.#prepared.run.replicates);
      this.#marks.set(condition, marks);
    }
    marks[replicate] = 1;
  }

  #runAgain(record: CellRecord, reason: string): void {
    const { replicate, condition } = record;
    this.superseded.push({ replicate, condition, reason });
    if (replicate < this.#prepared.run.replicates)
      this.#onCell({ replicate, condition, action: 'run', reason }, record);
  }

  /** Why a cell whose artifacts are not all there has to run again. */
  async #lost(record: CellRecord): Promise<string | undefined> {
    for (const artifact of record.artifacts) {
      if ((await this.#stored.has?.(record, artifact)) === false)
        return `its artifact '${artifact.name}' of the step '${artifact.step}' is missing`;
    }
    return undefined;
  }

  /** Why a cell has to run on other input; alone, outside a graph, that is a difference to be accepted. */
  async #changed(record: CellRecord): Promise<string | undefined> {
    const { conditions, prepared, graph } = this.#prepared;
    const upstream = record.inputs.find((input) => graph?.runsAgain?.(input));
    if (upstream) {
      return `replicate ${upstream.replicate} of '${upstream.condition}' of '${upstream.experiment}', which it reads, is run again first: it stays only if that gives the same`;
    }
    const source = conditions.get(record.condition)?.datasource;
    const reason = source && (await changedInput(record, source, prepared.data.get(source)));
    if (reason === undefined) return undefined;
    if (graph) {
      this.inputsChanged = true;
      return reason;
    }
    this.changedInputs.push(`Replicate ${record.replicate} of '${record.condition}': ${reason}.`);
    return undefined;
  }
}

function firstLine(message: string | undefined): string {
  return message?.split('\n', 1)[0] ?? 'no reason was recorded';
}
