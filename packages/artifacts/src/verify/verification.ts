/** Which runs are verified. */
export interface VerifyOptions {
  /** One experiment, by its name or id. Default: every one. */
  readonly experiment?: string;
  /** One version of each. Default: every one. */
  readonly version?: number;
  /** Called after each artifact, with what has been read so far. */
  readonly onProgress?: (done: VerifyProgress) => void;
}

/** How far it has come. */
export interface VerifyProgress {
  /** How many artifacts were read. */
  readonly artifacts: number;
  /** How many bytes they had. */
  readonly bytes: number;
}

/** What was found in a place where runs are kept. */
export interface Verification {
  /** The place, for messages. */
  readonly location: string;
  /** How many experiments were looked at. */
  readonly experiments: number;
  readonly versions: number;
  /** How many artifacts were read and compared with their recorded size and sha256. */
  readonly artifacts: number;
  /** How many bytes they had. */
  readonly bytes: number;
  /** Empty when everything is as it was written. */
  readonly faults: readonly Fault[];
  /** What is no fault and good to know: what could not be judged, and what killed runs have left. */
  readonly notes: readonly string[];
}

/**
 * What is wrong with a file: it is not there, not what was written, shorter than it was, named by no
 * record, can't be read, or contradicts the records.
 */
export type FaultKind = 'missing' | 'altered' | 'cut-short' | 'unlisted' | 'unreadable' | 'inconsistent';

/** One thing that is wrong. */
export interface Fault {
  readonly kind: FaultKind;
  readonly experiment: string;
  /** Absent for what belongs to no version. */
  readonly version?: number;
  /** On this machine where there is one, else the key in the store. */
  readonly path: string;
  /** What was found and expected, as sentences. */
  readonly message: string;
}
