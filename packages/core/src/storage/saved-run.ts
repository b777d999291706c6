import type { ArtifactFile } from '../artifact/artifact-file.ts';
import type { ArtifactIdentity, CellRecord } from '../plugin/records.ts';
import type { Pruning } from './pruning.ts';

/** `metadata.json` of a version, as it is on disk. */
export interface RunMetadata {
  readonly replicates: number;
  readonly id: string;
  readonly name?: string;
  /** Whatever else stands in the file. */
  readonly [key: string]: unknown;
}

/** The runs that are kept of one experiment. */
export interface SavedExperiment {
  /** Directory name: the experiment's name, or its id. */
  readonly name: string;
  /** Where it was looked for, for messages: a folder or a store's name. */
  readonly location: string;
  /** Its versions, oldest first; empty when nothing is kept. */
  versions(): Promise<readonly SavedVersion[]>;
}

/** Names one artifact of a version. */
export interface SavedArtifactTarget {
  readonly replicate: number;
  readonly condition: string;
  /** Absent: the step that wrote the name last. */
  readonly step?: string;
  readonly name: string;
}

/** One version, read without the code that made it. */
export interface SavedVersion {
  readonly experiment: string;
  readonly version: number;
  /** Where the version lies, when it lies in a folder of this machine. */
  readonly dir?: string;
  /** Whether every cell asked for has ended, that is, whether `metadata.json` is there. */
  readonly finished: boolean;
  metadata(): Promise<RunMetadata | undefined>;
  /** `baseline` first, then the others by name; for a run of ours, in the order of the run. */
  conditions(): Promise<readonly string[]>;
  /** The condition's values in replicate order: exact from the records, else from `results.json`. */
  metrics(condition: string): Promise<Readonly<Record<string, readonly unknown[]>>>;
  /** The newest record of each cell, in replicate order; empty for runs of the Python original. */
  cells(): Promise<readonly CellRecord[]>;
  /** Every artifact, by replicate, condition, step and name; those that were pruned among them. */
  artifacts(): Promise<readonly ArtifactFile[]>;
  /**
   * One artifact.
   * @throws ArtifactNotFoundError with the path looked at and what exists beside it.
   * @throws UpstreamFailedError when the cell that should have written it failed.
   */
  artifact(target: SavedArtifactTarget): Promise<ArtifactFile>;
  /**
   * What is recorded of one artifact, whether or not its file is still there; nothing of it is read.
   * Size and sha256 are absent for runs of the Python original.
   * @throws ArtifactNotFoundError when no such artifact was written.
   * @throws UpstreamFailedError as {@link artifact}.
   */
  identify(target: SavedArtifactTarget): Promise<ArtifactIdentity>;
  /** What retention has removed from it; `undefined` when nothing. Looked up each time. */
  pruned?(): Promise<Pruning | undefined>;
  /**
   * Keeps retention from touching the version until what is returned is disposed. Absent where the
   * store can't lock, such as a folder opened for reading alone: there nothing is kept. Without effect
   * on runs of the Python original, which retention never touches. What was pruned before stays pruned:
   * ask {@link pruned} once it is held.
   * @throws StorageError when the store can't be written to.
   */
  hold?(): Promise<AsyncDisposable>;
}
