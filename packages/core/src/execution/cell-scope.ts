import type { CellContext } from '../context/cell-context.ts';
import { createRng, type Rng } from '../context/rng.ts';
import type { LogLevel } from '../plugin/events.ts';
import type { Cell } from './cell.ts';

/** @internal A user's function at work on one cell: what it sees of the cell. */
export abstract class CellScope implements CellContext {
  protected readonly cell: Cell;
  readonly #stream: string;
  #rng: Rng | undefined;

  /** @param stream - Names its stream of random numbers. */
  constructor(cell: Cell, stream: string) {
    this.cell = cell;
    this.#stream = stream;
  }

  get replicate(): number {
    return this.cell.replicate;
  }

  get condition(): string {
    return this.cell.condition;
  }

  get seed(): number {
    return this.cell.seed;
  }

  get signal(): AbortSignal {
    return this.cell.signal;
  }

  get rng(): Rng {
    this.#rng ??= createRng(this.cell.seed, this.#stream);
    return this.#rng;
  }

  get<T = unknown>(key: string): T | undefined {
    return this.cell.get(key) as T | undefined;
  }

  has(key: string): boolean {
    return this.cell.has(key);
  }

  log(message: string, data?: unknown, level: LogLevel = 'info'): void {
    this.report({ level, message, data });
  }

  protected report(line: { level: LogLevel; message: string; data: unknown; step?: string }): void {
    const { run, spec } = this.cell;
    if (!run.observed) return;
    const { level, data, step } = line;
    run.emit({
      type: 'log',
      level,
      message: run.redact(line.message),
      ...(data === undefined ? {} : { data: run.redact(data) }),
      cell: spec,
      ...(step === undefined ? {} : { step }),
    });
  }
}
