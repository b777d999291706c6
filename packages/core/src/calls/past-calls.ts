import { asError, recordError } from '../plugin/error-record.ts';
import { partialResult } from '../result/partial-result.ts';
import { RunResult } from '../result/run-result.ts';
import type { CallEnd } from './call-end.ts';
import { CallNumbers, FORGOTTEN, type PastCall, PENDING } from './past-call.ts';

/** How many calls are kept at most, and how many cells their results may have in all. */
const MOST_CALLS = 1000;
const MOST_CELLS = 100_000;

/**
 * @internal How the calls of this process have ended, since workers that import the same module make them
 * again: there they come to the same without being executed. What is too much to be kept is forgotten,
 * the oldest first.
 */
export class PastCalls {
  readonly #numbers = new CallNumbers();
  readonly #ended = new Map<string, { readonly end: CallEnd; readonly cells: number }>();
  readonly #forgotten = new Set<string>();
  #cells = 0;

  /** Makes a call that workers may want to know of. */
  async follow<T>(call: PastCall, execute: () => Promise<T>): Promise<T> {
    const key = this.#numbers.keyOf(call);
    const { method } = call;
    try {
      const value = await execute();
      this.#keep(key, { status: 'resolved', method, value }, cellsIn(value));
      return value;
    } catch (error) {
      const partial = partialResult(error);
      this.#keep(key, { status: 'rejected', error: recordError(asError(error)), partial }, cellsIn(partial));
      throw error;
    }
  }

  /** How the call of this key has ended, as text. */
  async answer(key: string): Promise<string> {
    const past = this.#ended.get(key);
    if (!past) return this.#forgotten.has(key) ? FORGOTTEN : PENDING;
    // Loaded when it is needed: most processes have no workers, or no calls that these would ask for.
    const { callEndToText } = await import('./call-end.ts');
    return callEndToText(past.end);
  }

  #keep(key: string, end: CallEnd, cells: number): void {
    this.#ended.set(key, { end, cells });
    this.#cells += cells;
    for (const [oldest, past] of this.#ended) {
      if (this.#ended.size <= MOST_CALLS && this.#cells <= MOST_CELLS) break;
      this.#ended.delete(oldest);
      this.#forgotten.add(oldest);
      this.#cells -= past.cells;
    }
  }
}

/** @internal Of this process. */
export const pastCalls: PastCalls = new PastCalls();

function cellsIn(value: unknown): number {
  if (value instanceof RunResult) return value.executed + value.restored;
  if (typeof value !== 'object' || value === null) return 0;
  const results = Object.values(value).filter((one) => one instanceof RunResult);
  return results.reduce((sum, { executed, restored }) => sum + executed + restored, 0);
}
