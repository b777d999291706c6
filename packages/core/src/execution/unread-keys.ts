import type { CellRecord } from '../plugin/records.ts';
import type { ActiveRun } from './active-run.ts';

/** @internal Finds treatments whose keys nothing read in any cell: each is the baseline under another name. */
export class UnreadKeys {
  /** By condition: keys that no cell has read until now. */
  readonly #unread = new Map<string, Set<string>>();

  note(record: CellRecord): void {
    // A failed cell may have failed before it came to read them.
    if (record.status === 'failed') return;
    const known = this.#unread.get(record.condition);
    if (known && known.size === 0) return;
    const unread = new Set(record.unread);
    this.#unread.set(record.condition, known ? new Set([...known].filter((key) => unread.has(key))) : unread);
  }

  warn(run: ActiveRun): void {
    for (const [condition, keys] of this.#unread) {
      for (const key of keys) {
        run.warn(
          `No step or datasource read '${key}', which '${condition}' sets: so far as '${key}' goes, '${condition}' is the same as any other condition. Declare it as a param of a step, or read it with ctx.get('${key}').`,
        );
      }
    }
  }
}
