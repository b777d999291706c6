import type { DatasourceContext } from '../datasource/datasource.ts';
import type { LogLevel } from '../plugin/events.ts';
import type { InputRecord } from '../plugin/records.ts';
import type { Cell } from './cell.ts';
import { createRng, type Rng } from './rng.ts';

/** Not a step's name: `/` is in none of them, so this stream is never a step's. */
const STREAM = '/datasource';

/** @internal What a datasource gets as `ctx` for one cell. */
export class DatasourceScope implements DatasourceContext {
  readonly #cell: Cell;
  readonly #name: string;
  #rng: Rng | undefined;

  /** @param name - Tells the sources of one `inputs({ … })` apart. */
  constructor(cell: Cell, name = '') {
    this.#cell = cell;
    this.#name = name;
  }

  get replicate(): number {
    return this.#cell.replicate;
  }

  get condition(): string {
    return this.#cell.condition;
  }

  get seed(): number {
    return this.#cell.seed;
  }

  get signal(): AbortSignal {
    return this.#cell.signal;
  }

  get rng(): Rng {
    this.#rng ??= createRng(this.#cell.seed, `${STREAM}${this.#name}`);
    return this.#rng;
  }

  get<T = unknown>(key: string): T | undefined {
    return this.#cell.get(key) as T | undefined;
  }

  has(key: string): boolean {
    return this.#cell.has(key);
  }

  log(message: string, data?: unknown, level: LogLevel = 'info'): void {
    const run = this.#cell.run;
    const line = { type: 'log', level, message: run.redact(message), cell: this.#cell.spec } as const;
    if (run.observed) run.emit(data === undefined ? line : { ...line, data: run.redact(data) });
  }

  recordInput(input: InputRecord): void {
    this.#cell.addInput(input);
  }

  warn(message: string): void {
    this.#cell.run.warn(message);
  }

  once<T>(key: string, load: () => T): T {
    return this.#cell.run.once(this.#cell.from.datasource, `${this.#name}:${key}`, load);
  }

  /** The same cell for one of several bundled sources: a stream and a memory of its own. */
  child(name: string): DatasourceScope {
    return new DatasourceScope(this.#cell, `${this.#name}/${name}`);
  }
}
