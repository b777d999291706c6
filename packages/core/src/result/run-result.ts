import type { Artifact } from '../artifact/artifact.ts';
import { resultArtifact } from '../artifact/result-artifact.ts';
import type { HypothesisResult } from '../definition/hypothesis.ts';
import type { CellFailedError } from '../errors/run-errors.ts';
import type { ExperimentInfo } from '../plugin/records.ts';
import type { CellStore } from './cell-store.ts';
import { StoredCondition } from './condition-result.ts';
import type {
  ArtifactQuery,
  ConditionResult,
  Provenance,
  Result,
  ResultArtifact,
  ResultRow,
} from './result.ts';
import { asJson, rowsToCsv } from './rows-csv.ts';

/** @internal What a result is made of. */
export interface ResultParts
  extends Omit<
    Result,
    'baseline' | 'treatments' | 'hypothesis' | 'artifacts' | 'artifact' | 'warnings' | Method
  > {
  readonly cells: CellStore;
  /** Read when the result is asked for its warnings, since the last of them come after it is made. */
  readonly warnings: () => readonly string[];
  readonly openArtifacts: () => readonly ResultArtifact[];
}

type Method = 'rows' | 'toJSON' | 'toCSV';

/** @internal The result of a run. */
export class RunResult implements Result {
  readonly status: Result['status'];
  readonly experiment: ExperimentInfo;
  readonly baseline: ConditionResult;
  readonly treatments: Readonly<Record<string, ConditionResult>>;
  readonly hypotheses: readonly HypothesisResult[];
  readonly errors: readonly CellFailedError[];
  declare readonly error?: Error;
  readonly provenance: Provenance;
  readonly seed: number;
  readonly replicates: number;
  readonly version: number | undefined;
  readonly dir: string | undefined;
  readonly executed: number;
  readonly restored: number;
  readonly accepted: readonly string[];
  readonly #parts: ResultParts;
  readonly #cells: CellStore;
  readonly #warnings: () => readonly string[];
  readonly #openArtifacts: () => readonly ResultArtifact[];
  #artifacts: readonly ResultArtifact[] | undefined;

  constructor(parts: ResultParts) {
    this.status = parts.status;
    this.experiment = parts.experiment;
    this.hypotheses = parts.hypotheses;
    this.errors = parts.errors;
    if (parts.error) this.error = parts.error;
    this.provenance = parts.provenance;
    this.seed = parts.seed;
    this.replicates = parts.replicates;
    this.version = parts.version;
    this.dir = parts.dir;
    this.executed = parts.executed;
    this.restored = parts.restored;
    this.accepted = parts.accepted;
    this.#parts = parts;
    this.#cells = parts.cells;
    this.#warnings = parts.warnings;
    this.#openArtifacts = parts.openArtifacts;
    const treatments: Record<string, ConditionResult> = {};
    for (const condition of parts.cells.conditions) {
      if (condition !== 'baseline') treatments[condition] = new StoredCondition(parts.cells, condition);
    }
    this.baseline = new StoredCondition(parts.cells, 'baseline');
    this.treatments = treatments;
  }

  /** The same, with the reason for which there is no more of it. */
  with(error: Error): RunResult {
    return new RunResult({ ...this.#parts, error });
  }

  get warnings(): readonly string[] {
    return this.#warnings();
  }

  get artifacts(): readonly ResultArtifact[] {
    this.#artifacts ??= this.#openArtifacts();
    return this.#artifacts;
  }

  hypothesis(name: string): HypothesisResult | undefined {
    return this.hypotheses.find((hypothesis) => hypothesis.name === name);
  }

  artifact<T>(wanted: Artifact<T> | string, query: ArtifactQuery = {}): ResultArtifact<T> | undefined {
    const name = typeof wanted === 'string' ? wanted : wanted.name;
    const found = this.artifacts.find(
      (file) =>
        file.name === name &&
        (query.condition === undefined || file.condition === query.condition) &&
        (query.replicate === undefined || file.replicate === query.replicate) &&
        (query.step === undefined || file.step === query.step),
    );
    if (!found || typeof wanted === 'string') return found as ResultArtifact<T> | undefined;
    // The artifact in hand knows its codec, whether or not the experiment declares it as an output.
    return resultArtifact(found, () => wanted.load(found));
  }

  rows(): ResultRow[] {
    return [...this.#rows()];
  }

  *#rows(): IterableIterator<ResultRow> {
    for (const condition of this.#cells.conditions) {
      for (const { replicate, metric, value } of this.#cells.values(condition)) {
        yield { condition, replicate, metric, value };
      }
    }
  }

  toCSV(): string {
    return rowsToCsv(this.#rows());
  }

  toJSON(): unknown {
    const { experiment, status, seed, replicates, version, dir, executed, restored, baseline, treatments } =
      this;
    const { accepted } = this;
    const summary = {
      experiment: experiment.name ?? experiment.id,
      status,
      version,
      dir,
      seed,
      replicates,
      executed,
      restored,
      accepted: accepted.length > 0 ? accepted : undefined,
      baseline,
      treatments,
      hypotheses: this.hypotheses,
      errors: this.errors.map(({ replicate, condition, step, message }) => ({
        replicate,
        condition,
        step,
        message,
      })),
      error: this.error,
      warnings: this.warnings,
    };
    return JSON.parse(asJson(summary));
  }
}
