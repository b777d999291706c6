import type {
  CellRecord,
  ExperimentInfo,
  RunDefinition,
  RunEnvironment,
  RunInput,
} from '../plugin/records.ts';
import type { RunOwner } from './run-claim.ts';

/** One entry of a log of cells. */
export type CellLogEntry = SessionEntry | CellEntry | SupersededEntry | EndEntry;

/** The first entry of every log: a run, or a resume of it, has begun. */
export interface SessionEntry {
  readonly type: 'session';
  /** The form of all that follows; see `recordFormat`. */
  readonly format: number;
  /** 0 for the run itself, one more for each resume. */
  readonly session: number;
  /** `RunHandle.id`. */
  readonly run: string;
  readonly experiment: ExperimentInfo;
  readonly seed: number;
  /** How many replicates this session was asked for. */
  readonly replicates: number;
  /** The conditions this session was asked for, `baseline` first. */
  readonly conditions: readonly string[];
  readonly definition: RunDefinition;
  readonly inputs: readonly RunInput[];
  readonly environment: RunEnvironment;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAt: number;
  readonly owner: RunOwner;
  /** What the plugin that keeps the runs was told of retention; absent where nothing is ever pruned. */
  readonly retention?: StoredRetention;
  /**
   * How many bytes of each earlier session's log counted when this one took over, by session. What
   * a former owner that was only paused appends later is thereby ignored.
   */
  readonly follows: readonly number[];
  /** What the user accepted although it differs from the earlier sessions. */
  readonly accepted?: readonly string[];
  /** Conditions whose cells have no records because the Python original ran them. */
  readonly adopted?: readonly string[];
}

/** How many versions are to stay whole, as a session and `metadata.json` say it. */
export interface StoredRetention {
  /** How many of the newest finished versions; 0 or less: all. */
  readonly artifactRetention: number;
  /** In MiB; larger artifacts stay only in the newest. */
  readonly bigFileThresholdMb: number;
}

/** A cell has ended. */
export interface CellEntry extends StoredCell {
  readonly type: 'cell';
}

/** A cell's record as it is read back. */
export interface StoredCell {
  /** Durations are kept to the microsecond. A metric value that could not be stored is `undefined` here. */
  readonly record: CellRecord;
  readonly unstorable: readonly UnstorableMetric[];
  /** The session that ran it. */
  readonly session: number;
}

/** A metric value that had no form to be stored in. */
export interface UnstorableMetric {
  readonly metric: string;
  /** Its position in `record.metrics`. */
  readonly index: number;
  /** Why, as a sentence that names the path in the value. */
  readonly reason: string;
}

/** A cell's record no longer counts: the cell is about to run again. */
export interface SupersededEntry {
  readonly type: 'superseded';
  readonly replicate: number;
  readonly condition: string;
  /** For people. */
  readonly reason: string;
}

/** The session has ended in order. */
export interface EndEntry {
  readonly type: 'end';
  readonly status: 'done' | 'failed' | 'aborted';
  /** Wall clock, milliseconds since 1970. */
  readonly endedAt: number;
  readonly warnings: readonly string[];
}
