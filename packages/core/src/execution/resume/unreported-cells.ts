import { replicateSeed } from '../../context/seed.ts';
import type { StoredCellRecord, StoredRun } from '../../plugin/plugin.ts';
import type { CellRecord } from '../../plugin/records.ts';

/** @internal A stored run, with cells of it that have ended elsewhere. */
export interface JoinedRun {
  readonly stored: StoredRun;
  /** The records that came from elsewhere; known once the cells were read. */
  taken(): readonly CellRecord[];
}

/** @internal Adds the records of cells that are not stored as done: of two that are told, the first counts. */
export function withUnreported(stored: StoredRun, told: readonly StoredCellRecord[]): JoinedRun {
  const open = new Map<string, StoredCellRecord>();
  for (const cell of told) {
    const { status, seed, replicate } = cell.record;
    // Another seed is that of another run, whatever its name.
    const fits =
      status === 'done' && (stored.seed === undefined || seed === replicateSeed(stored.seed, replicate));
    if (fits && !open.has(keyOf(cell))) open.set(keyOf(cell), cell);
  }
  if (open.size === 0) return { stored, taken: () => [] };
  async function* cells() {
    for await (const cell of stored.cells) {
      if (cell.record.status === 'done') open.delete(keyOf(cell));
      if (!open.has(keyOf(cell))) yield cell;
    }
    yield* open.values();
  }
  return {
    stored: { ...stored, cells: cells() },
    taken: () => [...open.values()].map(({ record }) => record),
  };
}

function keyOf({ record: { replicate, condition } }: StoredCellRecord): string {
  return `${replicate}/${condition}`;
}
