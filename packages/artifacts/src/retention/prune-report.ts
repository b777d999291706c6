/** What was pruned, or with `dryRun` would be. */
export interface PruneReport {
  readonly dryRun: boolean;
  /** How many artifacts were removed in all. */
  readonly artifacts: number;
  /** How many bytes they had. */
  readonly bytes: number;
  /** Every version that loses something, or was left alone although retention no longer keeps it whole. */
  readonly versions: readonly PrunedVersion[];
  /** Experiments that could not be looked at, of which nothing was removed. Empty: there were none. */
  readonly troubles: readonly PruneTrouble[];
  /** What is no trouble and good to know: that there is nothing here that could be pruned. */
  readonly notes: readonly string[];
}

/** What kept an experiment from being pruned. */
export interface PruneTrouble {
  readonly experiment: string;
  /** What was found, and what to do. */
  readonly message: string;
}

/** What one version loses. */
export interface PrunedVersion {
  readonly experiment: string;
  readonly version: number;
  /** Why it does not stay whole, for people. */
  readonly reason: string;
  /**
   * What was removed: the path on this machine where there is one, else the key; and bytes. Files of
   * records that no longer counted are among them. Their size and sha256 stay in the records.
   */
  readonly artifacts: readonly PrunedArtifact[];
  readonly bytes: number;
  /** Kept runs of other experiments that were computed from this version, such as `'evaluation' v3`. */
  readonly chainedBy: readonly string[];
  /** Why it was left alone: it is in use, has not ended, or has no records. Absent: it was not. */
  readonly left?: string;
  /** What went wrong. What is not removed yet is explained in the version, and removed by the next prune. */
  readonly trouble?: string;
}

/** One file that was removed. */
export interface PrunedArtifact {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}
