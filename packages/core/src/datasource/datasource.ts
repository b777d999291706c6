import type { CellContext } from '../context/cell-context.ts';
import type { Values } from '../pipeline/params.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ArtifactIdentity, ExperimentInfo, InputRecord, RunInput } from '../plugin/records.ts';
import type { SavedExperiment } from '../storage/saved-run.ts';

/** An experiment that a datasource reads from: the object itself, or its name. */
export type UpstreamExperiment = UpstreamObject | string;

/** What a datasource needs of an experiment: every Experiment has it. */
export interface UpstreamObject {
  readonly info: ExperimentInfo;
  readonly plugins: readonly Plugin[];
}

/** What a datasource can see and do while it fetches the data of one cell. */
export interface DatasourceContext extends CellContext {
  /** Records that an artifact of another run was read. */
  recordInput(input: InputRecord): void;
  /** Adds a warning to the result; the same text counts once. */
  warn(message: string): void;
  /**
   * Loads what is costly once per run and process, and gives the same value to every later cell. What
   * failed to load is loaded anew.
   */
  once<T>(key: string, load: () => T): T;
}

/** What a datasource can ask before the first cell runs. */
export interface DatasourceScope {
  /** The count given to the experiment or to `run()`; `undefined` when none was. */
  readonly replicates: number | undefined;
  /** The conditions of this run that the source serves, in the order of the run. */
  readonly conditions: readonly string[];
  readonly signal: AbortSignal;
  /**
   * The stored runs of an experiment: of an Experiment those of its plugin, or of its last run in
   * this process; of a name those that the consumer's own plugin keeps.
   * @throws ArtifactNotFoundError when nothing here can read them.
   */
  saved(experiment: UpstreamExperiment): SavedExperiment;
  /** Adds a warning to the result. */
  warn(message: string): void;
  /** Called when the run has ended, however it did: to let go of what is kept for it meanwhile. */
  onEnd(release: () => void | Promise<void>): void;
}

/** What a datasource has found out for a whole run. */
export interface PreparedSource<Prepared = unknown> {
  /** How many replicates there are. */
  readonly replicates?: number;
  /** The runs that all replicates will read. */
  readonly inputs?: readonly RunInput[];
  /** Plain data that every `fetch` gets, also in workers. */
  readonly data?: Prepared;
}

/**
 * Where the data of a cell comes from. `fetch` is called once per cell, after the treatment is applied.
 *
 * @typeParam T - What `fetch` yields.
 * @typeParam P - Params that a treatment may set, with their defaults.
 * @typeParam Prepared - Plain data from `prepare`.
 */
export interface Datasource<out T, P = {}, Prepared = unknown> {
  readonly params?: P;
  /** How many replicates the source can serve, when that is fixed. */
  readonly replicates?: number | undefined;
  /** The experiments it reads from; edges of an ExperimentGraph follow from it. */
  readonly upstream?: readonly UpstreamExperiment[];
  /** Once per run, in the main process, before the first cell. */
  prepare?(scope: DatasourceScope): PreparedSource<Prepared> | Promise<PreparedSource<Prepared>>;
  fetch(ctx: DatasourceContext, params: Readonly<Values<P>>, prepared: Prepared): T | Promise<T>;
  /** Changes whenever the data does; compared on resume. */
  fingerprint?(): string | Promise<string>;
  /** What of its data a resume can't compare, as a sentence; a resume says it. */
  readonly notCompared?: string;
  /**
   * What `fetch` would now record as read for a cell, found without reading it; a resume compares it
   * with what the cell did read. Absent: only the runs that `prepare` has chosen are compared.
   */
  inputsOf?(
    cell: { readonly replicate: number; readonly condition: string },
    prepared: Prepared,
  ): Promise<readonly ArtifactIdentity[]>;
}
