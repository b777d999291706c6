import type { ActiveRun } from '../execution/active-run.ts';
import type { CellRecord, RunDefinition, RunEnvironment, RunInput } from '../plugin/records.ts';
import type { CellStore } from './cell-store.ts';
import type { CellProvenance, Provenance } from './result.ts';

/** @internal Where a run's numbers came from, gathered when it is asked for: asking git takes milliseconds. */
export class RunProvenance implements Provenance {
  readonly run: string;
  readonly startedAt: Date;
  readonly inputs: readonly RunInput[];
  readonly #cells: CellStore;
  readonly #environment: () => RunEnvironment;
  readonly #definition: () => Promise<RunDefinition>;

  constructor(run: ActiveRun, cells: CellStore) {
    this.run = run.id;
    this.startedAt = run.startedAt;
    this.inputs = run.inputs;
    this.#cells = cells;
    this.#environment = () => run.surroundings();
    this.#definition = () => run.definition();
  }

  get node(): string {
    return this.#environment().node;
  }

  get platform(): string {
    return this.#environment().platform;
  }

  get packages(): Readonly<Record<string, string>> {
    return this.#environment().packages;
  }

  get git(): RunEnvironment['git'] {
    return this.#environment().git;
  }

  get module(): string | undefined {
    return this.#environment().module;
  }

  definition(): Promise<RunDefinition> {
    return this.#definition();
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

/** @internal */
export function provenanceOf({
  replicate,
  condition,
  seed,
  steps,
  inputs,
  duration,
}: CellRecord): CellProvenance {
  return { replicate, condition, seed, steps, inputs, duration };
}
