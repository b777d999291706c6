import type { DatasourceContext } from '../datasource/datasource.ts';
import type { InputRecord } from '../plugin/records.ts';
import type { Cell } from './cell.ts';
import { CellScope } from './cell-scope.ts';

/** Not a step's name: `/` is in none of them, so this stream is never a step's. */
const STREAM = '/datasource';

/** @internal What a datasource gets as `ctx` for one cell. */
export class DatasourceScope extends CellScope implements DatasourceContext {
  readonly #name: string;

  /** @param name - Tells the sources of one `inputs({ … })` apart. */
  constructor(cell: Cell, name = '') {
    super(cell, `${STREAM}${name}`);
    this.#name = name;
  }

  recordInput(input: InputRecord): void {
    this.cell.addInput(input);
  }

  warn(message: string): void {
    this.cell.run.warn(message);
  }

  once<T>(key: string, load: () => T): T {
    return this.cell.run.once(this.cell.from.datasource, `${this.#name}:${key}`, load);
  }

  /** The same cell for one of several bundled sources: a stream and a memory of its own. */
  child(name: string): DatasourceScope {
    return new DatasourceScope(this.cell, `${this.#name}/${name}`);
  }
}
