import { ResumeUnsupportedError, type RunHandle, type StoredRun } from '@crystallize/core';
import {
  type ArtifactStore,
  type CellLogScan,
  claimKey,
  listVersions,
  metadataKey,
  parseClaim,
  recordsFolder,
  type StoreLock,
  scanCellLogs,
} from '@crystallize/core/storage';
import { settleOlder } from './numbered-version.ts';
import { pythonRun } from './python-run.ts';
import { findReplacements, settleReplacement } from './replacement.ts';
import { versionLockKey } from './version-lock-key.ts';

/** A stored version that can go on. */
export interface StoredVersion {
  readonly version: number;
  /** `undefined` while it is only looked at. */
  readonly lock: StoreLock | undefined;
  /** `RunHandle.id` of the run that claimed it; `undefined` for runs of the Python original. */
  readonly run: string | undefined;
  /** `undefined` for runs of the Python original. */
  readonly logs: CellLogScan | undefined;
  /** A run of the Python original. */
  readonly python: StoredRun | undefined;
  /** Whether every cell asked for had ended: whether `metadata.json` is there. */
  readonly finished: boolean;
}

/** Which version is looked for. */
export interface VersionQuery {
  readonly versioned: boolean;
  /** A certain one; else the newest that holds a finished cell. */
  readonly version: number | undefined;
  /** Takes no lock. */
  readonly readOnly: boolean;
}

/**
 * Finds the version that goes on, and locks it. A run that holds no finished cell hides none that does;
 * where none does, the newest with any cell goes on. `undefined` when there is none.
 *
 * @throws RunLockedError when another run is writing it.
 * @throws ResumeUnsupportedError when the version asked for is not there, or holds nothing to go on with.
 */
export async function findStoredVersion(
  store: ArtifactStore,
  run: RunHandle,
  query: VersionQuery,
): Promise<StoredVersion | undefined> {
  const { directory } = run.experiment;
  // What was half replaced may have no number until it is in its place again.
  if (!query.readOnly) await settleOlder(store, directory);
  const there = await listVersions(store, directory);
  if (query.version !== undefined) {
    assertThere(query.version, query.versioned ? there : there.filter((version) => version === 0), directory);
    const stored = await openVersion(store, run, query.version, query.readOnly);
    if (stored && (stored.logs || stored.python)) return stored;
    await stored?.lock?.release();
    throw new ResumeUnsupportedError(
      `v${query.version} of '${directory}' holds no cell to go on with: ${stored ? 'none of its conditions is whole' : 'its run was stopped before it had recorded any'}. Leave the version out to go on with the newest that holds one, or run with strategy: 'rerun'.`,
    );
  }
  const candidates = query.versioned ? there.toReversed() : there.filter((version) => version === 0);
  let fallback: number | undefined;
  for (const version of candidates) {
    const stored = await openVersion(store, run, version, query.readOnly);
    const holds = stored && holdsCells(stored);
    if (stored && holds === 'finished') return stored;
    await stored?.lock?.release();
    if (holds === 'failed') fallback ??= version;
  }
  return fallback === undefined ? undefined : openVersion(store, run, fallback, query.readOnly);
}

/** What is read of a version is read under its lock, so that nobody changes it any more. */
async function openVersion(
  store: ArtifactStore,
  run: RunHandle,
  version: number,
  readOnly: boolean,
): Promise<StoredVersion | undefined> {
  const { directory } = run.experiment;
  const lock = readOnly ? undefined : await store.lock(versionLockKey(directory, version));
  try {
    if (version === 0) await settle(store, run, readOnly);
    const claim = await store.get(claimKey(directory, version));
    const logs = await scanCellLogs(store, directory, version);
    if (!logs && (claim || (await hasRecords(store, directory, version)))) {
      // A run of ours that was killed before its first record.
      await lock?.release();
      return undefined;
    }
    return {
      version,
      lock,
      run: claim && parseClaim(claim, claimKey(directory, version)).run,
      logs,
      python: logs ? undefined : await pythonRun(store, run, version),
      finished: (await store.size(metadataKey(directory, version))) !== undefined,
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** A run that was killed while it took the place of an older one has left one of them aside. */
async function settle(store: ArtifactStore, run: RunHandle, readOnly: boolean): Promise<void> {
  const { directory } = run.experiment;
  for (const left of await findReplacements(store, directory)) {
    if (!readOnly) await settleReplacement(store, directory, left);
    else
      run.warn(
        `A run that was to replace v0 of '${directory}' was killed. What it has left aside is put in order by the next run; until then this is what v0 holds as it is.`,
      );
  }
}

/** The lock itself lies among the records. */
async function hasRecords(store: ArtifactStore, directory: string, version: number): Promise<boolean> {
  const children = await store.children(recordsFolder(directory, version));
  return children.some(({ name }) => name !== 'lock');
}

function holdsCells({ logs, python }: StoredVersion): 'finished' | 'failed' | 'none' {
  if (!logs) return python ? 'finished' : 'none';
  let found: 'failed' | 'none' = 'none';
  for (const { record } of logs.cells()) {
    if (record.status === 'done') return 'finished';
    found = 'failed';
  }
  return found;
}

function assertThere(version: number, there: readonly number[], directory: string): void {
  if (there.includes(version)) return;
  const list = there.map((number) => `v${number}`).join(', ');
  throw new ResumeUnsupportedError(
    `There is no v${version} of '${directory}' to go on with. ${list === '' ? 'Nothing is stored of it.' : `There are: ${list}.`}`,
  );
}
