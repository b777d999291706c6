import type { CellRecord } from '../plugin/records.ts';
import type { ActiveRun } from './active-run.ts';

/** @internal Finds treatments whose keys nothing read in any cell: each is the baseline under another name. */
export class UnreadKeys {
  /** By condition: keys that no cell has read until now. */
  readonly #unread = new Map<string, Set<string>>();
  readonly #done = new Set<string>();

  note({ status, condition, unread: told }: CellRecord): void {
    // A failed cell may have failed before it came to read them: one alone says nothing.
    if (status === 'done') this.#done.add(condition);
    const known = this.#unread.get(condition);
    if (known && known.size === 0) return;
    const unread = new Set(told);
    this.#unread.set(condition, known ? new Set([...known].filter((key) => unread.has(key))) : unread);
  }

  warn(run: ActiveRun): void {
    // In the order of the definition, whichever cell came first.
    for (const condition of run.conditions) {
      if (!this.#done.has(condition)) continue;
      for (const key of this.#unread.get(condition) ?? []) {
        run.warn(
          `No step or datasource read '${key}', which '${condition}' sets: so far as '${key}' goes, '${condition}' is the same as any other condition. Declare it as a param of a step, or read it with ctx.get('${key}').`,
        );
      }
    }
  }
}
