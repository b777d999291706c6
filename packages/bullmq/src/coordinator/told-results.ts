import type { CellRecord, CellSpec } from '@crystallize/core';
import type { Redis } from 'ioredis';

/** How many entries are deleted at once. */
const AT_ONCE = 500;

/** An entry of the inbox, and the cells whose records it holds. */
interface HeldEntry {
  readonly id: string;
  readonly cells: readonly Pick<CellSpec, 'replicate' | 'condition'>[];
}

/** Results that still stand in the inbox, since a coordinator that dies now would need them. */
export class ToldResults {
  #held: HeldEntry[] = [];

  /** An entry was read. */
  hold(id: string, records: readonly CellRecord[]): void {
    this.#held.push({ id, cells: records.map(({ replicate, condition }) => ({ replicate, condition })) });
  }

  /** Deletes what is committed by now, and so needed no more. */
  async sweep(
    redis: Redis,
    inbox: string,
    committed: (cell: HeldEntry['cells'][number]) => boolean,
  ): Promise<void> {
    const safe: string[] = [];
    const held = this.#held;
    this.#held = [];
    for (const entry of held) {
      if (entry.cells.every(committed)) safe.push(entry.id);
      else this.#held.push(entry);
    }
    for (let at = 0; at < safe.length; at += AT_ONCE)
      await redis.xdel(inbox, ...safe.slice(at, at + AT_ONCE));
  }
}
