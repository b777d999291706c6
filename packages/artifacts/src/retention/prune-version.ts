import { StorageError } from '@crystallize/core';
import {
  type ArtifactStore,
  encodePruning,
  lockKey,
  pruningKey,
  type StoreLock,
} from '@crystallize/core/storage';
import type { Lineage } from './lineage.ts';
import { holderOf } from './look-at-lock.ts';
import type { PrunedArtifact, PrunedVersion } from './prune-report.ts';
import { removeCondemned } from './remove-condemned.ts';
import type { Condemnation } from './retention-rules.ts';
import { findReader, readersOf, tryLock } from './version-readers.ts';
import { type CondemnedObject, covers, surveyVersion, type VersionSurvey } from './version-survey.ts';

/** How a prune goes about it. */
export interface PruneManner {
  /** Tells everything, and removes nothing. */
  readonly dryRun: boolean;
  readonly lineage: Lineage;
  /** Milliseconds to wait for signs of life of whoever holds a lock; `undefined`: as long as the store does. */
  readonly patience: number | undefined;
}

/**
 * Removes from a version what is condemned; `undefined` when there is nothing to remove. With `dryRun`
 * all goes the same way, up to where something would be written.
 *
 * First the version's lock is taken, so that nobody writes or resumes it. Then `pruned.json` says what
 * is about to go, so that a crash leaves nothing unexplained; then readers are looked for once more,
 * since each of them looks for `pruned.json` once it has made itself known. Only then something goes.
 */
export async function pruneVersion(
  store: ArtifactStore,
  directory: string,
  { version, over, reason }: Condemnation,
  manner: PruneManner,
): Promise<PrunedVersion | undefined> {
  const report: PrunedVersion = {
    experiment: directory,
    version,
    reason,
    artifacts: [],
    bytes: 0,
    chainedBy: [],
  };
  const removed: CondemnedObject[] = [];
  try {
    const first = await surveyVersion(store, directory, version, over);
    if (!isWorthIt(first)) return undefined;
    if (first.left !== undefined) return { ...report, left: first.left };
    if (manner.dryRun) {
      const left = await userOf(store, directory, version, manner.patience);
      if (left !== undefined) return { ...report, left };
      if (first.condemned.length === 0) return undefined;
      const chainedBy = await manner.lineage.chainedTo(directory, version);
      return { ...report, ...listed(store, first.condemned), chainedBy };
    }
    const lock = await tryLock(store, lockKey(directory, version || undefined), manner.patience);
    if (typeof lock === 'string') return { ...report, left: `a run writes it: ${lock}` };
    try {
      const reader = await findReader(store, directory, version, manner.patience);
      if (reader !== undefined) return { ...report, left: reader };
      // It may have been resumed or pruned before it was locked.
      const survey = await surveyVersion(store, directory, version, over);
      if (!isWorthIt(survey)) return undefined;
      if (survey.left !== undefined) return { ...report, left: survey.left };
      const chainedBy = await manner.lineage.chainedTo(directory, version);
      const pruning = new VersionPruning(store, directory, version, over, survey);
      const late = await pruning.run(lock, manner.patience, removed);
      if (late !== undefined) return { ...report, left: late };
      return removed.length === 0 ? undefined : { ...report, ...listed(store, removed), chainedBy };
    } finally {
      await lock.release();
    }
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error);
    return { ...report, ...listed(store, removed), trouble };
  }
}

/** Who writes or reads a version, for people; `undefined` when nobody does. Takes no lock where it can be seen. */
async function userOf(
  store: ArtifactStore,
  directory: string,
  version: number,
  patience: number | undefined,
): Promise<string | undefined> {
  const writer = await holderOf(store, lockKey(directory, version || undefined), patience);
  if (writer !== undefined) return `a run writes it: ${writer}`;
  for (const key of await readersOf(store, directory, version)) {
    const reader = await holderOf(store, key, patience);
    if (reader !== undefined) return `a run reads it: ${reader}`;
  }
  return undefined;
}

/** Something is to be removed, or an earlier prune is to be brought to its end. */
function isWorthIt({ condemned, earlier, left }: VersionSurvey): boolean {
  const unfinished = earlier !== undefined && !earlier.pruning.done;
  return condemned.length > 0 || unfinished || left !== undefined;
}

function listed(
  store: ArtifactStore,
  removed: readonly CondemnedObject[],
): Pick<PrunedVersion, 'artifacts' | 'bytes'> {
  const artifacts = removed.map(
    ({ key, size }): PrunedArtifact => ({ path: store.localPath?.(key) ?? key, size }),
  );
  artifacts.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { artifacts, bytes: artifacts.reduce((sum, { size }) => sum + size, 0) };
}

/** One version of which something is removed. */
class VersionPruning {
  readonly #store: ArtifactStore;
  readonly #directory: string;
  readonly #version: number;
  readonly #over: number | undefined;
  readonly #survey: VersionSurvey;

  constructor(
    store: ArtifactStore,
    directory: string,
    version: number,
    over: number | undefined,
    survey: VersionSurvey,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#version = version;
    this.#over = over;
    this.#survey = survey;
  }

  /** Who reads the version, when somebody began to just now; else everything condemned is removed. */
  async run(
    lock: StoreLock,
    patience: number | undefined,
    removed: CondemnedObject[],
  ): Promise<string | undefined> {
    const decided = this.#decision();
    await this.#put(decided);
    const reader = await findReader(this.#store, this.#directory, this.#version, patience);
    if (reader !== undefined) {
      await this.#withdraw();
      return reader;
    }
    if (!(await lock.isHeld())) {
      throw new StorageError(
        `The lock of ${this.#directory} v${this.#version} was lost to another process, so nothing was removed. Prune again.`,
      );
    }
    await removeCondemned(this.#store, this.#directory, this.#version, this.#survey, removed);
    await this.#put({ ...decided, done: true });
    return undefined;
  }

  #decision(): Decided {
    const { earlier, sessions } = this.#survey;
    const widest = earlier && covers(earlier.pruning, this.#over) ? earlier.pruning.over : this.#over;
    const over = widest === undefined ? {} : { over: widest };
    const same = earlier && earlier.pruning.over === widest && earlier.pruning.sessions === sessions;
    return { prunedAt: same ? earlier.pruning.prunedAt : Date.now(), ...over, sessions };
  }

  async #put(decided: Decided): Promise<void> {
    await this.#store.put(pruningKey(this.#directory, this.#version), encodePruning(decided));
  }

  /** Nothing was removed, so nothing needs to be explained that was not before. */
  async #withdraw(): Promise<void> {
    const key = pruningKey(this.#directory, this.#version);
    const { earlier } = this.#survey;
    if (earlier) await this.#store.put(key, earlier.bytes);
    else await this.#store.remove(key);
  }
}

type Decided = Parameters<typeof encodePruning>[0];
