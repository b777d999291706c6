import type { RunOptions } from '../execution/run-options.ts';
import type { CellRecord } from '../plugin/records.ts';
import { partialResult } from '../result/partial-result.ts';
import type { Result } from '../result/result.ts';

/** Records that may wait for a slow reader before further cells are held back. */
const MOST_WAITING = 256;

type Start<Names extends string> = (
  signal: AbortSignal,
  onCell: (record: CellRecord) => void | Promise<void>,
) => Promise<Result<Names>>;

/** The cells of a run as they are committed; made by `experiment.stream()`. */
export class CellStream<Names extends string = string> implements AsyncIterable<CellRecord> {
  /** Rejects as `run()` would. Settles also when nobody reads the cells. */
  readonly result: Promise<Result<Names>>;
  readonly #abort = new AbortController();
  readonly #waiting: CellRecord[] = [];
  #reading = false;
  #ended = false;
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();
  #room: PromiseWithResolvers<void> | undefined;

  /** @internal */
  constructor(options: RunOptions<Names>, start: Start<Names>) {
    const signal = options.signal
      ? AbortSignal.any([options.signal, this.#abort.signal])
      : this.#abort.signal;
    this.result = start(signal, (record) => this.#push(record)).finally(() => {
      this.#ended = true;
      this.#wake.resolve();
    });
    // Whoever reads only the cells learns of a failure from the loop.
    this.result.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CellRecord, void, undefined> {
    this.#reading = true;
    try {
      for (;;) {
        const record = this.#waiting.shift();
        if (this.#waiting.length < MOST_WAITING) this.#makeRoom();
        if (record) yield record;
        else if (this.#ended) break;
        else await this.#more();
      }
    } finally {
      this.#reading = false;
      this.#waiting.length = 0;
      this.#makeRoom();
      if (!this.#ended)
        this.#abort.abort(new DOMException('The loop over the cells was left.', 'AbortError'));
    }
    // A run that failed ends the loop with its error, so that a reader can't take it for complete.
    await this.result;
  }

  async #more(): Promise<void> {
    await this.#wake.promise;
    if (!this.#ended) this.#wake = Promise.withResolvers();
  }

  #push(record: CellRecord): void | Promise<void> {
    this.#waiting.push(record);
    this.#wake.resolve();
    if (!this.#reading || this.#waiting.length < MOST_WAITING) return;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** @internal Streams the cells of a run that has ended elsewhere, also of one that was left or has failed. */
export async function replayCells<R extends Result>(
  running: Promise<R>,
  onCell: (record: CellRecord) => unknown,
): Promise<R> {
  try {
    const result = await running;
    for (const record of cellsOf(result)) onCell(record);
    return result;
  } catch (error) {
    const partial = partialResult(error);
    for (const record of partial ? cellsOf(partial) : []) onCell(record);
    throw error;
  }
}

/** Every cell that a result has, as a serial run would have streamed them. */
function cellsOf({ baseline, treatments }: Result): readonly CellRecord[] {
  return [baseline, ...Object.values(treatments)]
    .flatMap(({ cells }) => cells)
    .sort((one, other) => one.replicate - other.replicate);
}
