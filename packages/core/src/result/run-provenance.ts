import type { ActiveRun } from '../execution/active-run.ts';
import type { CellRecord, RunEnvironment, RunInput } from '../plugin/records.ts';
import type { CellStore } from './cell-store.ts';
import type { CellProvenance, Provenance } from './result.ts';

/** @internal Where a run's numbers came from. */
export class RunProvenance implements Provenance {
  readonly run: string;
  readonly startedAt: Date;
  readonly inputs: readonly RunInput[];
  readonly node: string;
  readonly platform: string;
  readonly packages: Readonly<Record<string, string>>;
  declare readonly git?: { readonly commit: string; readonly dirty: boolean };
  declare readonly module?: string;
  readonly #cells: CellStore;

  constructor(run: ActiveRun, cells: CellStore, environment: RunEnvironment) {
    this.run = run.id;
    this.startedAt = run.startedAt;
    this.inputs = run.inputs;
    this.node = environment.node;
    this.platform = environment.platform;
    this.packages = environment.packages;
    if (environment.git) this.git = environment.git;
    if (environment.module !== undefined) this.module = environment.module;
    this.#cells = cells;
  }

  *cells(): IterableIterator<CellProvenance> {
    for (const condition of this.#cells.conditions) {
      for (const record of this.#cells.records(condition)) yield provenanceOf(record);
    }
  }

  cell(condition: string, replicate: number): CellProvenance | undefined {
    const record = this.#cells.record(condition, replicate);
    return record && provenanceOf(record);
  }
}

function provenanceOf({ replicate, condition, seed, steps, inputs, duration }: CellRecord): CellProvenance {
  return { replicate, condition, seed, steps, inputs, duration };
}
