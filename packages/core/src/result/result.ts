import type { Artifact } from '../artifact/artifact.ts';
import type { ArtifactFile } from '../artifact/artifact-file.ts';
import type { HypothesisResult } from '../definition/hypothesis.ts';
import type { CellFailedError } from '../errors/run-errors.ts';
import type {
  CellRecord,
  ExperimentInfo,
  InputRecord,
  RunDefinition,
  RunEnvironment,
  RunInput,
  StepRecord,
} from '../plugin/records.ts';

/** One condition's cells, in replicate order whatever the order in which they ran. */
export interface ConditionResult {
  /** By metric: the values of the cells that succeeded. */
  readonly metrics: Readonly<Record<string, unknown[]>>;
  /**
   * A metric's values as numbers (a bigint or boolean converted).
   * @throws MissingMetricError when no cell recorded it. @throws UnsupportedValueError for other values.
   */
  numbers(metric: string): number[];
  /** The seeds of the cells that ended. */
  readonly seeds: readonly number[];
  /** Every cell that ended, failed ones included, each value with its tags. */
  readonly cells: readonly CellRecord[];
  /** The same, each made as it is asked for: a run of very many cells then takes little memory. */
  eachCell(): Iterable<CellRecord>;
}

/** One recorded value, in long form. */
export interface ResultRow {
  readonly condition: string;
  readonly replicate: number;
  readonly metric: string;
  readonly value: unknown;
}

/** Where one cell's numbers came from. */
export interface CellProvenance {
  readonly replicate: number;
  readonly condition: string;
  readonly seed: number;
  readonly steps: readonly StepRecord[];
  /** Artifacts of other runs that it read. */
  readonly inputs: readonly InputRecord[];
  /** Milliseconds. */
  readonly duration: number;
}

/** Where a run's numbers came from; what belongs to the surroundings is looked up when it is asked for. */
export interface Provenance {
  readonly node: string;
  readonly platform: string;
  /** Versions of the Crystallize packages in use, by package name. */
  readonly packages: Readonly<Record<string, string>>;
  /** `undefined` outside a git work tree. */
  readonly git: RunEnvironment['git'];
  /** URL of the module that constructed the experiment, where one was found. */
  readonly module: string | undefined;
  /** Unique among all runs. */
  readonly run: string;
  readonly startedAt: Date;
  /** The runs of other experiments that were read. */
  readonly inputs: readonly RunInput[];
  /** What defines the numbers, as hashes: each step's code and params, the conditions, the datasource. */
  definition(): Promise<RunDefinition>;
  /** Each cell's, built as it is asked for. */
  cells(): IterableIterator<CellProvenance>;
  /** One cell's; `undefined` when it has not ended. */
  cell(condition: string, replicate: number): CellProvenance | undefined;
}

/** Narrows down which artifact is meant. */
export interface ArtifactQuery {
  readonly condition?: string;
  readonly replicate?: number;
  readonly step?: string;
}

/** An artifact of a result, with the value that its codec loads. */
export interface ResultArtifact<T = unknown> extends ArtifactFile {
  /** Reads and decodes it. By a name that the experiment does not declare as output: its bytes. */
  load(): Promise<T>;
}

/** What came of a run. */
export interface Result<Names extends string = string> {
  /** `done`: every cell succeeded; `failed`: some did not; `skipped`: an experiment it needs has failed. */
  readonly status: 'done' | 'failed' | 'skipped';
  readonly experiment: ExperimentInfo;
  readonly baseline: ConditionResult;
  readonly treatments: Readonly<Record<Names, ConditionResult>>;
  readonly hypotheses: readonly HypothesisResult[];
  hypothesis(name: string): HypothesisResult | undefined;
  /** Every artifact, by replicate, condition and the order of writing. */
  readonly artifacts: readonly ResultArtifact[];
  /** The first artifact that fits; `undefined` when there is none. */
  artifact<T>(artifact: Artifact<T>, query?: ArtifactQuery): ResultArtifact<T> | undefined;
  artifact(name: string, query?: ArtifactQuery): ResultArtifact | undefined;
  /** The cells that failed, each with the original error as `cause`. */
  readonly errors: readonly CellFailedError[];
  /** Why an experiment of a graph has no cells: it threw, or what it needs failed. */
  readonly error?: Error;
  readonly warnings: readonly string[];
  readonly provenance: Provenance;
  readonly seed: number;
  readonly replicates: number;
  /** Where the run is kept, when it is. */
  readonly version: number | undefined;
  readonly dir: string | undefined;
  /**
   * What this resume, or an earlier one of the same run, was told to accept although it differs from
   * what is stored, as sentences; empty for nearly every run.
   */
  readonly accepted: readonly string[];
  /** How many cells ran. */
  readonly executed: number;
  /** How many were there already. */
  readonly restored: number;
  /** Every value of every cell that succeeded, by condition, then replicate. */
  rows(): ResultRow[];
  /** A summary as strict JSON: NaN and ±Infinity as null. */
  toJSON(): unknown;
  /** {@link rows} as CSV with a header, lines ended by `\r\n`. */
  toCSV(): string;
}
