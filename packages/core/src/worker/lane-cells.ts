import type { ArtifactTarget } from '../plugin/plugin.ts';
import type { ArtifactRecord } from '../plugin/records.ts';
import type { CellPoolOptions, PooledCell } from './cell-pool.ts';
import { CellRecordReader } from './cell-record-text.ts';
import type { FromWorker, SentCell } from './messages.ts';

/** @internal The cells that a worker has, in the order in which it runs them: the first is under way. */
export class LaneCells {
  readonly #options: CellPoolOptions;
  readonly #cells = new Map<number, PooledCell>();
  #count = 0;
  #reader = new CellRecordReader();

  constructor(options: CellPoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#cells.size;
  }

  /** The one under way. */
  get head(): PooledCell | undefined {
    return this.#cells.values().next().value;
  }

  get(id: number): PooledCell | undefined {
    return this.#cells.get(id);
  }

  has(cell: PooledCell): boolean {
    return [...this.#cells.values()].includes(cell);
  }

  /** Another worker begins, whose records refer to none of those before. */
  begin(): void {
    this.#reader = new CellRecordReader();
  }

  /** Adds cells, and makes what the worker is told of them. */
  add(cells: readonly PooledCell[], live: boolean): readonly SentCell[] {
    return cells.map((cell) => {
      const id = this.#count++;
      this.#cells.set(id, cell);
      cell.watched = live;
      const { number, earlier } = cell.attempt;
      return {
        ...cell.spec,
        id,
        attempt: number,
        ...(earlier.length > 0 ? { earlier } : {}),
        ...(cell.isCurrent ? { shared: true as const } : {}),
      };
    });
  }

  /** Nothing is to come of any of them. */
  abort(): void {
    for (const cell of this.#cells.values()) cell.aborted = true;
  }

  /** The worker has ended cells. */
  end(ended: Extract<FromWorker, { type: 'ended' }>['cells']): void {
    for (const [id, text] of ended) {
      const cell = this.#cells.get(id);
      // Without a record, and not because of its own signal: it comes back when its worker has ended.
      if (!cell || (text === undefined && !cell.aborted)) continue;
      this.#cells.delete(id);
      if (text === undefined) {
        cell.resolve(undefined);
        continue;
      }
      const { record, uncarried } = this.#reader.read(text);
      for (const sentence of uncarried) this.#options.onWarning?.(sentence);
      if (cell.keeping.length === 0) cell.resolve(record);
      else Promise.all(cell.keeping).then(() => cell.resolve(record), cell.reject);
    }
  }

  /** A cell has written an artifact. @param bytes - Where no store of the worker's keeps it. */
  wrote(target: ArtifactTarget, artifact: ArtifactRecord, bytes: Uint8Array | undefined): void {
    for (const cell of this.#cells.values()) {
      const { replicate, condition } = cell.spec;
      if (replicate !== target.replicate || condition !== target.condition) continue;
      cell.written.push(artifact);
      const keeping = bytes && this.#options.onArtifact?.(target, bytes);
      if (keeping) cell.keeping.push(keeping);
      break;
    }
  }

  /** What is left when the worker is gone; the lane has none of them any more. */
  clear(): readonly PooledCell[] {
    const left = [...this.#cells.values()];
    this.#cells.clear();
    return left;
  }
}
