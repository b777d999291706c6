/**
 * The plain data that crosses every boundary: from a worker to the main process, from a run to
 * storage, from storage into the next run. Everything here survives superjson.
 */

/** Which of an experiment's cells: one replicate under one condition. */
export interface CellSpec {
  /** Index of the replicate, from 0. */
  readonly replicate: number;
  /** `baseline`, or the name of a treatment. */
  readonly condition: string;
  /** The cell's seed: `(run seed + replicate * 31337) mod 2^32`. */
  readonly seed: number;
}

/** Which try of a cell it is, and what is there of those before it. */
export interface AttemptSpec {
  /** From 1. */
  readonly number: number;
  /** What earlier tries of the same cell have written. */
  readonly earlier: readonly ArtifactRecord[];
}

/** Labels of one recorded value. */
export type Tags = Readonly<Record<string, string | number | boolean>>;

/** One value of a metric, as a step recorded it. */
export interface MetricRecord {
  readonly metric: string;
  /** Anything superjson can carry: numbers (also NaN and ±Infinity), bigint, Date, Map, typed arrays, … */
  readonly value: unknown;
  /** The step that recorded it. */
  readonly step: string;
  readonly tags?: Tags;
}

/** A file that a step produced. */
export interface ArtifactRecord {
  readonly step: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Which artifact of which run, and what was recorded of its bytes. */
export interface ArtifactIdentity {
  /** Directory name of the experiment that wrote it: its name, or its id. */
  readonly experiment: string;
  /** Absent for an artifact in the memory of this process. */
  readonly version?: number;
  readonly replicate: number;
  readonly condition: string;
  readonly step: string;
  readonly name: string;
  /** Bytes; absent for files of the Python original, which records none. */
  readonly size?: number;
  /** Lower-case hex; absent for files of the Python original. */
  readonly sha256?: string;
}

/**
 * An artifact of another run that a cell read. Its condition differs from the cell's own where the
 * producer lacks that treatment.
 */
export interface InputRecord extends ArtifactIdentity {}

/** Where one step's result came from. Secrets are redacted, large values described. */
export interface StepRecord {
  readonly step: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Context keys that the step read, with the values it got. */
  readonly read: Readonly<Record<string, unknown>>;
  /** Context keys that the step added. */
  readonly wrote: Readonly<Record<string, unknown>>;
  /** Whether the output came from the step cache. */
  readonly cached: boolean;
  /** Milliseconds, from the monotonic clock. */
  readonly duration: number;
}

/** An error as plain data; {@link reviveError} makes it an error again. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorRecord;
  /** Names of its classes, nearest first, up to but without `Error`; absent for a plain one. */
  readonly classes?: readonly string[];
  /** Own enumerable fields that are plain data. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What became of one cell. A cell that was aborted has no record. */
export interface CellRecord extends CellSpec {
  readonly status: 'done' | 'failed';
  /** In the order they were recorded; a failed cell keeps what it recorded before it failed. */
  readonly metrics: readonly MetricRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  readonly steps: readonly StepRecord[];
  readonly inputs: readonly InputRecord[];
  /** Only when failed. */
  readonly error?: ErrorRecord;
  /** Step in which it failed, or `datasource`. Only when failed. */
  readonly failedStep?: string;
  /** Wall clock, milliseconds since 1970. For people; nothing is ordered by it. */
  readonly startedAt: number;
  /** Milliseconds, from the monotonic clock. */
  readonly duration: number;
  /** How often the cell was tried; 1 without retries. */
  readonly attempts: number;
  /** Keys that the treatment sets and this cell did not read; absent when there are none. */
  readonly unread?: readonly string[];
}

/** What an experiment is, as plain data. */
export interface ExperimentInfo {
  readonly name?: string;
  readonly description?: string;
  /** sha256 (hex) of the pipeline's signature. */
  readonly id: string;
  /** Where its runs are kept: the name, or the id when it has none. */
  readonly directory: string;
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** Names of the declared outputs. */
  readonly outputs: readonly string[];
  /** URL of the module that constructed it, where one was found. */
  readonly module?: string;
}

/** What defines the numbers of a run, as hashes that a later run can be compared with. */
export interface RunDefinition {
  readonly pipeline: readonly StepDefinition[];
  /** sha256 of what each condition puts into the context, `baseline` among them. */
  readonly conditions: Readonly<Record<string, string>>;
  /** sha256 of `initialContext`. */
  readonly initialContext: string;
  /** The datasource's own fingerprint, or a hash of its params and code. */
  readonly datasource: string;
  readonly code: CodeDefinition;
}

/** The code of an experiment, as far as its files tell. */
export interface CodeDefinition {
  /**
   * The constructing module and those that its static relative imports reach, by path relative to the
   * constructing module's folder, with `/`. Empty where no file constructed the experiment.
   */
  readonly modules: Readonly<Record<string, ModuleDefinition>>;
  /** Versions of the packages that those modules import, by name; without Crystallize's own. */
  readonly packages: Readonly<Record<string, string>>;
  /** What could not be covered, as sentences: a module that can't be read, an import that is no static path. */
  readonly uncovered: readonly string[];
}

/** One module of the code. */
export interface ModuleDefinition {
  /** sha256 of the file as it is. */
  readonly raw: string;
  /**
   * sha256 of its tokens: without comments, types and layout, without the parts of the constructing
   * module that are compared by themselves (treatments, hypotheses, replicates, …), and with
   * `version:<v>` in place of the text of a step that declares a version.
   */
  readonly code: string;
  /** Keys of the modules that it imports by static relative paths. */
  readonly imports: readonly string[];
  /** Names of the packages that it imports. */
  readonly packages: readonly string[];
}

/** What defines one step. */
export interface StepDefinition {
  readonly step: string;
  /** sha256 of the explicit and default params in canonical form. */
  readonly params: string;
  /** sha256 of the tokens of the step's functions, or `version:<v>` where the step declares one. */
  readonly code: string;
}

/** One run of another experiment that this run reads, chosen once and the same for all replicates. */
export interface RunInput {
  readonly experiment: string;
  readonly version?: number;
  /** Where it was found, for people: a folder or the name of a store. */
  readonly location?: string;
}

/** The surroundings in which a run's numbers came about. */
export interface RunEnvironment {
  readonly node: string;
  readonly platform: string;
  /** Versions of the Crystallize packages in use, by package name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Absent outside a git work tree. */
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  readonly module?: string;
}

/**
 * Why cells are run. Only a `run` is stored; plugins that store are left out of the trials, and an
 * `explain` runs nothing: of its plugins only `init`, `restore` and `afterRun` are called.
 */
export type RunPurpose = 'run' | 'explain' | 'debug' | 'apply' | 'optimize';

/** How a module makes something: by being imported, or by calling one of its exports with plain data. */
export interface ModuleCall {
  readonly url: string;
  /** Name of the export to call; absent: importing the module is all. */
  readonly export?: string;
  /** Plain data. */
  readonly args?: readonly unknown[];
}

/** A treatment by value, for those who don't find it in the module. Never with secrets. */
export interface GivenTreatment {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * A run as plain data: with the same code, all that another process or machine needs to run its
 * cells. Its records come back through `CellWork.report`. Holds no secret that is marked as one.
 */
export interface RunDescription {
  /** Unique among all runs. */
  readonly id: string;
  /** Of a resumed run the id of the run that began it; else its own. */
  readonly origin: string;
  readonly purpose: RunPurpose;
  readonly strategy: 'rerun' | 'resume';
  readonly experiment: ExperimentInfo;
  /** What makes the experiment. */
  readonly module: ModuleCall;
  /** Which of the experiments of this name that the module constructs, from 0. */
  readonly ordinal: number;
  /** URL of the file with which a worker on this machine starts; on another it is looked for beside the module. */
  readonly entry: string;
  /** What every worker has to do before it imports the module. */
  readonly setup?: ModuleCall;
  readonly seed: number;
  readonly replicates: number;
  readonly conditions: readonly string[];
  /** Conditions that come from an upstream experiment of a graph. */
  readonly inherited: readonly string[];
  /** The treatments that were given to `run()` itself. */
  readonly treatments: readonly GivenTreatment[];
  /** What the worker must find when it has made the experiment. */
  readonly definition: RunDefinition;
  readonly inputs: readonly RunInput[];
  /** By condition: what its datasource's `prepare` has found out. */
  readonly prepared: Readonly<Record<string, unknown>>;
  /** By plugin: what its `beforeRun` has returned, for `init` over there. */
  readonly shared: Readonly<Record<string, unknown>>;
  readonly version?: number;
  readonly dir?: string;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds that one try of one cell may take. */
  readonly timeout?: number;
}
