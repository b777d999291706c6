import {
  type ArtifactStore,
  artifactKey,
  cellLogKey,
  type Pruning,
  parsePruning,
  pruningKey,
  savedExperiment,
  scanCellLogs,
  supersededRoot,
  versionFolder,
} from '@crystallize/core/storage';

/** What there is to be removed of one version. */
export interface VersionSurvey {
  /** Recorded artifacts, and files of superseded cells, that are there and too many or too large. */
  readonly condemned: readonly CondemnedObject[];
  /** Every key in the version's folder, where recorded artifacts are too many or too large. */
  readonly present: ReadonlySet<string>;
  /** What an earlier prune has decided, with its bytes. */
  readonly earlier: { readonly pruning: Pruning; readonly bytes: Uint8Array } | undefined;
  /** How many sessions the version has had. */
  readonly sessions: number;
  /** Why it can't be pruned. */
  readonly left: string | undefined;
}

/** An object that is to be removed. */
export interface CondemnedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Finds what a version would lose. Nothing but recorded artifacts is ever condemned: other files are
 * their owner's.
 * @throws RecordUnreadableError when its records are damaged. @throws StorageError
 */
export async function surveyVersion(
  store: ArtifactStore,
  directory: string,
  version: number,
  over: number | undefined,
): Promise<VersionSurvey> {
  const earlier = await earlierPruning(store, directory, version);
  const nothing = { condemned: [], present: new Set<string>(), earlier, sessions: 0, left: undefined };
  // Most versions were dealt with by an earlier prune: their records need not be read again.
  if (earlier?.pruning.done && covers(earlier.pruning, over)) {
    const later = await store.readLog(cellLogKey(directory, version, earlier.pruning.sessions));
    if (!later) return nothing;
  }
  const logs = await scanCellLogs(store, directory, version);
  if (!logs) return { ...nothing, left: await withoutRecords(store, directory, version) };
  const recorded: string[] = [];
  for (const { record } of logs.cells()) {
    for (const artifact of record.artifacts) {
      if (artifact.size > (over ?? -1))
        recorded.push(artifactKey(directory, version, { ...record, ...artifact }));
    }
  }
  // To list a version takes longer than to read its records, and mostly there is nothing to look for.
  const present = new Map<string, number>();
  if (recorded.length > 0) {
    for await (const { key, size } of store.list(versionFolder(directory, version))) present.set(key, size);
  }
  const condemned: CondemnedObject[] = [];
  for (const key of recorded) {
    const size = present.get(key) ?? (await sizeOfHidden(store, key));
    if (size !== undefined) condemned.push({ key, size });
  }
  for await (const { key, size } of store.list(supersededRoot(directory, version))) {
    if (size > (over ?? -1)) condemned.push({ key, size });
  }
  const open = condemned.length > 0 && (!logs.ended || logs.ended.status === 'aborted');
  const left = open ? 'its newest session has not come to its end: resume it first.' : undefined;
  return { condemned, present: new Set(present.keys()), earlier, sessions: logs.count, left };
}

/** Whether what was decided earlier includes what is decided now. */
export function covers(pruning: Pruning, over: number | undefined): boolean {
  return pruning.over === undefined || (over !== undefined && pruning.over <= over);
}

/** What is not listed may be there all the same: a link that leads out of the store. It frees no bytes. */
async function sizeOfHidden(store: ArtifactStore, key: string): Promise<number | undefined> {
  try {
    return await store.size(key);
  } catch {
    // If there is more to it, removing it fails likewise, and that is reported.
    return 0;
  }
}

async function earlierPruning(
  store: ArtifactStore,
  directory: string,
  version: number,
): Promise<VersionSurvey['earlier']> {
  const key = pruningKey(directory, version);
  const bytes = await store.get(key);
  return bytes && { pruning: parsePruning(bytes, key), bytes };
}

async function withoutRecords(
  store: ArtifactStore,
  directory: string,
  version: number,
): Promise<string | undefined> {
  const saved = (await savedExperiment(store, directory).versions()).find((one) => one.version === version);
  if (((await saved?.artifacts()) ?? []).length === 0) return undefined;
  return 'it has no records, as runs of Crystallize for Python 0.27, so that nothing would be known of what was removed.';
}
