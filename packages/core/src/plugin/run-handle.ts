import type { RunEvent } from './events.ts';
import type {
  AttemptSpec,
  CellSpec,
  ExperimentInfo,
  RunDefinition,
  RunEnvironment,
  RunInput,
  RunPurpose,
} from './records.ts';

export type { RunPurpose } from './records.ts';

declare const stateType: unique symbol;

/** A typed name for what a plugin keeps in a run; make one with {@link stateKey}. */
export interface StateKey<T> {
  readonly id: symbol;
  readonly [stateType]?: T;
}

/**
 * Makes the key under which a plugin keeps its state of a run.
 *
 * @example
 * const started = stateKey<number>('my-plugin.started');
 * const plugin: Plugin = { name: 'my-plugin', beforeRun: (run) => run.set(started, Date.now()) };
 */
export function stateKey<T>(description: string): StateKey<T> {
  return { id: Symbol(description) };
}

/** What a run goes on with. */
export interface ResumedRun {
  readonly version: number | undefined;
  /** How many cells were there already, and are not run again. */
  readonly restored: number;
  /** How many cells are to be run. */
  readonly missing: number;
  /** Cells with a record that counts no more; most of them, but not all, are run again. */
  readonly superseded: readonly SupersededCell[];
  /** What is accepted now although it differs from what is stored, as sentences. */
  readonly accepted: readonly string[];
  /** Whether a cell was there already, and is not run again. */
  has(cell: { readonly replicate: number; readonly condition: string }): boolean;
}

/** A cell whose record counts no more. */
export interface SupersededCell {
  readonly replicate: number;
  readonly condition: string;
  /** A sentence for people. */
  readonly reason: string;
}

/**
 * One run of an experiment, as plugins see it. Every hook gets it, and all state of a run lives in
 * it, so that one plugin can serve several experiments and runs at the same time.
 */
export interface RunHandle {
  /** Unique among all runs (a UUID). */
  readonly id: string;
  /** Of a resumed run the id of the run that began it, known once `restore` has been called; else its own. */
  readonly origin: string;
  /** `main` where `run()` was called; `worker` in a process or thread that only runs cells. */
  readonly role: 'main' | 'worker';
  readonly purpose: RunPurpose;
  readonly strategy: 'rerun' | 'resume';
  readonly experiment: ExperimentInfo;
  /** Of a resumed run the stored one, unless another was accepted; known once `restore` has been called. */
  readonly seed: number;
  /** How many replicates were asked for. */
  readonly replicates: number;
  /** `baseline` first, then the treatments in the order of their definition. */
  readonly conditions: readonly string[];
  /** The runs of other experiments that the datasource has chosen to read. */
  readonly inputs: readonly RunInput[];
  /** What a resumed run goes on with; `undefined` until `restore` was called, and for every other run. */
  readonly resumed: ResumedRun | undefined;
  /** Aborted when cells under way are to end, since the run ends early: by the user, or because storage failed. */
  readonly signal: AbortSignal;
  /** Aborted when no further cell is to start; those under way may go on until {@link signal} is. */
  readonly stopSignal: AbortSignal;
  /** Set by {@link storedAs}. */
  readonly version: number | undefined;
  /** Set by {@link storedAs}. */
  readonly dir: string | undefined;
  /** Says where the run is kept; called by the plugin that stores it, in `beforeRun`. */
  storedAs(place: { readonly version?: number; readonly dir?: string }): void;
  /** What defines the run's numbers, as hashes; gathered when it is first asked for. */
  definition(): Promise<RunDefinition>;
  /** Node, packages and git, gathered once per process. */
  environment(): Promise<RunEnvironment>;
  /** Keeps a plugin's state; the same key again replaces it. */
  set<T>(key: StateKey<T>, value: T): void;
  /** The state under the key. @throws CrystallizeError `STATE_MISSING` when there is none. */
  get<T>(key: StateKey<T>): T;
  has(key: StateKey<unknown>): boolean;
  /** Adds a warning to the result; the same text counts once. */
  warn(message: string): void;
  /** Whether anyone listens to events: those that nobody hears need not be made. */
  readonly observed: boolean;
  /** Reports an event to every listener and plugin. */
  emit(event: RunEvent): void;
  /** Takes the values of `secret(…)` out of a text or of plain data. */
  redact<T>(value: T): T;
}

/** One cell while it runs, as plugins see it. */
export interface CellHandle extends CellSpec {
  readonly run: RunHandle;
  readonly attempt: AttemptSpec;
  /** Aborted when the cell must end: the run's signal, or the cell's timeout. */
  readonly signal: AbortSignal;
  /**
   * Whether this try still counts: false once the cell was given to another worker, since this one
   * was taken for dead. Absent where nobody else can get the cell.
   */
  isCurrent?(): Promise<boolean>;
}

/** One step of a cell while it runs. */
export interface StepHandle {
  readonly cell: CellHandle;
  readonly step: string;
  /** Position in the pipeline, from 0. */
  readonly index: number;
  readonly params: Readonly<Record<string, unknown>>;
}
