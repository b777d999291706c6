import type { ArtifactFile } from '../artifact/artifact-file.ts';
import type { StepCache } from '../cache/step-cache.ts';
import type { Result } from '../result/result.ts';
import type { SavedExperiment } from '../storage/saved-run.ts';
import type { RunEvent } from './events.ts';
import type {
  ArtifactRecord,
  AttemptSpec,
  CellRecord,
  CellSpec,
  ExperimentInfo,
  RunDefinition,
  RunDescription,
  RunInput,
} from './records.ts';
import type { CellHandle, RunHandle, StepHandle } from './run-handle.ts';

/**
 * The one place where packages meet: an object with a `name` and any of these hooks.
 *
 * **Where.** `init` is called in the main process and in every worker, once per run and before any
 * other hook there. `beforeRun`, `restore`, `execute`, `commitCell`, `afterRun`, `onEvent` are called
 * in the main process, as is `unreported`; `beforeCell`, `beforeStep`, `afterStep`, `afterCell`, `artifacts`, `cache` where
 * the cell runs, which may be a worker or another machine. State goes into the `run` handle, never into
 * the plugin: one plugin object may serve several runs at once.
 *
 * **Order.** `init`, `restore` and `unreported` (when resuming), `beforeRun`, `execute`; in it for each cell
 * `beforeCell`, then `beforeStep` and `afterStep` for each step, `afterCell`, `commitCell`; at last
 * `afterRun`. Hooks that open (`init`, `before…`) run in the order of `plugins`, those that close
 * (`after…`) in the reverse order, one after the other. `commitCell` of all plugins run side by side,
 * and later cells may run meanwhile. `onEvent` is called in order, and must return at once.
 *
 * **Who wins.** `execute`, `artifacts`, `cache`, `restore` and `saved` belong to the last plugin that has
 * them.
 *
 * **Errors.** A throw in `beforeRun`, `restore`, `execute`, `commitCell` or `artifacts`, or a
 * {@link StorageError} from anywhere, stops the run, which rejects with it. A throw in any other hook
 * becomes a warning of the run, and the run goes on. `afterRun` is called for every plugin whose `init` was called.
 *
 * @typeParam Shared - Plain data that `beforeRun` hands to this plugin's half in workers.
 */
export interface Plugin<Shared = unknown> {
  /** Unique among the plugins of an experiment. */
  readonly name: string;
  /** For provenance: the version of the package that the plugin comes from. */
  readonly version?: string;

  /** Complaints about a definition, before anything runs. Return sentences, or throw. */
  validate?(experiment: ExperimentInfo): readonly string[] | void | Promise<readonly string[] | void>;
  /** Once per run and process. `shared` is what `beforeRun` returned, given only in workers. */
  init?(run: RunHandle, shared?: Shared): void | Promise<void>;
  /** Once per run, after `init` and `restore`. What it returns reaches `init` in workers. */
  beforeRun?(run: RunHandle): Shared | void | Promise<Shared | void>;
  /** Once per resumed run: what is stored of the run that is to go on; `undefined` when nothing is. */
  restore?(run: RunHandle, request: RestoreRequest): Promise<StoredRun | undefined>;
  /**
   * Once per resumed run, before it is decided what is run: cells of it that have ended elsewhere, and whose
   * records never came to be stored. They count like those that are stored, unless these are newer, and
   * are committed before any cell runs. Not asked where a resume is only explained.
   */
  unreported?(run: RunHandle): readonly StoredCellRecord[] | Promise<readonly StoredCellRecord[]>;
  /** Once per run: see that every cell of `work` runs. Resolves when all have been run or reported. */
  execute?(run: RunHandle, work: CellWork): void | Promise<void>;
  /**
   * Once per ended cell, failed ones included: resolve when the record is as safe as promised. The
   * cell is reported as done once every plugin's `commitCell` has resolved.
   */
  commitCell?(run: RunHandle, record: CellRecord): void | Promise<void>;
  /** Once per run, also after errors: write what is derived, close what is open. */
  afterRun?(run: RunHandle, outcome: RunOutcome): void | Promise<void>;
  /** For each event of the run. */
  onEvent?(run: RunHandle, event: RunEvent): void;

  /** Before the datasource is fetched. */
  beforeCell?(cell: CellHandle): void | Promise<void>;
  /** Before each step. */
  beforeStep?(step: StepHandle): void | Promise<void>;
  /** After each step, also one that threw. */
  afterStep?(step: StepHandle, outcome: StepOutcome): void | Promise<void>;
  /** After the last step, also of a cell that failed; `record` is what will be committed. */
  afterCell?(cell: CellHandle, record: CellRecord): void | Promise<void>;
  /** Once per run and process: where artifacts go as they are written, and are read from. */
  artifacts?(run: RunHandle): ArtifactSink;
  /**
   * Where the results of cacheable steps are kept, once per run and process; called only when there are
   * such steps. Without it they are kept in the memory of the process: up to 64 MiB for each experiment.
   */
  cache?(run: RunHandle): StepCache;

  /** Where the runs that this plugin has stored of an experiment can be read, without a run. */
  saved?(experiment: ExperimentInfo): SavedExperiment;
}

/** How a step ended. */
export type StepOutcome =
  | { readonly status: 'done'; readonly output: unknown; readonly duration: number }
  | { readonly status: 'failed'; readonly error: unknown; readonly duration: number };

/** How a run ended. `result` is there unless the run was stopped. */
export interface RunOutcome {
  /** `done`: every cell succeeded; `failed`: some cells failed; `aborted`: stopped before all had ended. */
  readonly status: 'done' | 'failed' | 'aborted';
  readonly result?: Result;
  /** Why it was stopped. */
  readonly reason?: unknown;
}

/** What an `execute` hook is to do. */
export interface CellWork {
  /** The cells to run, replicate by replicate; made as they are asked for. */
  readonly cells: Iterable<CellSpec>;
  /** How many there are. */
  readonly count: number;
  /** The run's own sink, for bytes that a worker could not store itself. */
  readonly artifacts: ArtifactSink;
  /**
   * The run as plain data, for those who run its cells elsewhere, as with `openCellPool` of
   * `@crystallize/core/worker`. Made once.
   * @throws ExperimentNotRebuiltError when no other process could make the same experiment.
   */
  describe(): Promise<RunDescription>;
  /**
   * Runs a cell in this process and hands its record on to be committed. Never rejects because of
   * the cell itself. Resolves when the next cell may start, which can be before the commit.
   * @throws RangeError for a cell that is none of this run.
   */
  run(cell: CellSpec): Promise<void>;
  /**
   * Runs a cell by means of `attempt`, which has it run elsewhere: tries again as the run's option
   * `retries` says, and hands the record on to be committed. Rejects as `attempt` does. Resolves like
   * {@link run}.
   * @throws RangeError for a cell that is none of this run.
   */
  runBy(cell: CellSpec, attempt: RunAttempt): Promise<void>;
  /**
   * Hands on the record of a cell that ran elsewhere; a second record of the same cell is dropped.
   * @throws RangeError for a cell that is none of this run.
   */
  report(record: CellRecord): Promise<void>;
  /** Whether the cell needs no run any more: each plugin's `commitCell` has resolved, in this run or an earlier one. */
  committed(cell: { readonly replicate: number; readonly condition: string }): boolean;
}

/** Tries a cell once, somewhere: its record, or nothing when the run ended before the cell did. */
export type RunAttempt = (attempt: AttemptSpec) => Promise<CellRecord | undefined>;

/** Where an artifact belongs. */
export interface ArtifactTarget {
  readonly replicate: number;
  readonly condition: string;
  readonly step: string;
  /** May contain `/` for subfolders; checked already. */
  readonly name: string;
}

/** The bytes of an artifact: at once, or as they come. */
export type ArtifactBody = Uint8Array | AsyncIterable<Uint8Array>;

/** Where the bytes of a run's artifacts go. */
export interface ArtifactSink {
  /**
   * Stores an artifact, whole or not at all. A stream is never held whole in memory.
   * @throws StorageError when it can't be stored; this stops the run. An error of the body itself is passed on.
   */
  write(target: ArtifactTarget, body: ArtifactBody): Promise<ArtifactRecord>;
  /** A handle on what was written; nothing is read yet. */
  open(target: ArtifactTarget, record: ArtifactRecord): ArtifactFile;
}

/** Which stored run is to go on. */
export interface RestoreRequest {
  /** A certain version; else the newest that holds a finished cell. */
  readonly version?: number;
  /** Only to tell what would happen: nothing is written, no lock is taken, and `beforeRun` does not follow. */
  readonly readOnly: boolean;
}

/** What is stored of a run that is to go on. */
export interface StoredRun {
  readonly version?: number;
  /** Id of the run that began it; absent for runs that carry none. */
  readonly run?: string;
  /** `undefined` for runs that carry none (those of the Python original). */
  readonly seed: number | undefined;
  /** As recorded when it last went on; `undefined` for runs that carry none. */
  readonly definition: RunDefinition | undefined;
  /** The runs of other experiments that it has read. */
  readonly inputs: readonly RunInput[];
  /** What earlier resumes accepted although it differed, as sentences. */
  readonly accepted: readonly string[];
  /** The newest record of each cell, in any order, each cell once; read once, as it is asked for. */
  readonly cells: Iterable<StoredCellRecord> | AsyncIterable<StoredCellRecord>;
  /** Whether an artifact of a cell is still there; nothing is read of it. Absent: always. */
  has?(cell: CellSpec, artifact: ArtifactRecord): Promise<boolean>;
}

/** A cell of a stored run. */
export interface StoredCellRecord {
  readonly record: CellRecord;
  /** What {@link RunDefinition.conditions} said of its condition when it ran; `undefined` when nothing did. */
  readonly condition: string | undefined;
}
