import type { CellRecord, ResumedRun, RunHandle, StoredCellRecord, StoredRun } from '@crystallize/core';
import {
  type ArtifactStore,
  artifactKey,
  type CellLogScan,
  isPruned,
  type Pruning,
  parsePruning,
  pruningKey,
  type StoredCell,
  type StoreLock,
} from '@crystallize/core/storage';
import { claimVersion } from './claim-version.ts';
import { earlierExtents } from './extent.ts';
import type { Resumption } from './resumption.ts';
import { cellId, RunPlace } from './run-place.ts';
import type { StoredVersion } from './stored-version.ts';
import type { VersionHold } from './version-hold.ts';

/** A stored version that goes on: what it holds, and what its next session has to know of it. */
export class RestoredVersion {
  readonly stored: StoredRun;
  readonly #store: ArtifactStore;
  readonly #run: RunHandle;
  readonly #found: StoredVersion;
  #lock: StoreLock | undefined;
  #pruning: Promise<Pruning | undefined> | undefined;
  #conditions: ReadonlySet<string> | undefined;
  /** The cells that this run did not ask for; known once they were read. */
  readonly #beyond = new Set<string>();

  constructor(store: ArtifactStore, run: RunHandle, found: StoredVersion) {
    this.#store = store;
    this.#run = run;
    this.#found = found;
    this.#lock = found.lock;
    this.stored = found.logs ? this.#ofLogs(found.logs) : (found.python as StoredRun);
    if (found.logs) this.#warnOfAdopted(found.logs);
    if (found.python) for (const cell of adoptedBy(found.python)) this.#noteBeyond(cell);
  }

  /** How it goes on, once core has decided. */
  resumptionOf(resumed: ResumedRun): Resumption {
    const { logs, finished, python } = this.#found;
    return {
      resumed,
      session: logs?.count ?? 0,
      follows: logs?.lengths ?? [],
      earlier: logs ? earlierExtents(logs, logs.count) : [],
      finished,
      beyond: this.#beyond,
      adopted: python ? adoptedBy(python) : [],
    };
  }

  /** The lock is the hold's from now on. */
  handOver(): VersionHold {
    const { version, run } = this.#found;
    const { directory } = this.#run.experiment;
    const lock = this.#lock as StoreLock;
    this.#lock = undefined;
    return {
      lock,
      // The claim is that of the run that goes on.
      place: new RunPlace(this.#store, { run: run ?? this.#run.id, directory, version, replaces: false }),
      take: async () => {
        if (run === undefined) await claimVersion(this.#store, this.#run, version);
      },
      settle: async () => undefined,
    };
  }

  /** Lets go of the lock, unless it was handed over. */
  async release(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }

  #ofLogs(logs: CellLogScan): StoredRun {
    const { version, run } = this.#found;
    const newest = logs.sessions.at(-1);
    const { directory } = this.#run.experiment;
    return {
      version,
      ...(run === undefined ? {} : { run }),
      seed: newest?.seed,
      definition: newest?.definition,
      inputs: newest?.inputs ?? [],
      accepted: logs.sessions.flatMap(({ accepted }) => accepted ?? []),
      cells: this.#cellsOf(logs),
      has: async ({ replicate, condition }, { step, name, size }) => {
        const key = artifactKey(directory, version, { replicate, condition, step, name });
        if ((await this.#store.size(key)) !== undefined) return true;
        // What retention has removed is accounted for.
        return isPruned(await this.#prunedAway(), size);
      },
    };
  }

  #prunedAway(): Promise<Pruning | undefined> {
    const key = pruningKey(this.#run.experiment.directory, this.#found.version);
    this.#pruning ??= this.#store.get(key).then((bytes) => bytes && parsePruning(bytes, key));
    return this.#pruning;
  }

  *#cellsOf(logs: CellLogScan): Iterable<StoredCellRecord> {
    const definitions = new Map(logs.sessions.map(({ session, definition }) => [session, definition]));
    const told = new Set<string>();
    for (const cell of logs.cells()) {
      const { condition } = cell.record;
      this.#noteBeyond(cell.record);
      const defined = definitions.get(cell.session)?.conditions;
      const hash = defined && Object.hasOwn(defined, condition) ? defined[condition] : undefined;
      yield { record: this.#withoutUnstorable(cell, told), condition: hash };
    }
  }

  /** The resume that took them over has said so, and its warning is not that of a later one. */
  #warnOfAdopted({ sessions }: CellLogScan): void {
    const conditions = [...new Set(sessions.flatMap(({ adopted }) => adopted ?? []))];
    if (conditions.length === 0) return;
    const list = conditions.map((condition) => `'${condition}'`).join(', ');
    this.#run.warn(
      `v${this.#found.version} has cells that the Python original ran, of ${list}. They carry no fingerprint: whether their code, params, data and seed are the same can't be checked.`,
    );
  }

  #noteBeyond(cell: CellRecord): void {
    this.#conditions ??= new Set(this.#run.conditions);
    if (cell.replicate < this.#run.replicates && this.#conditions.has(cell.condition)) return;
    this.#beyond.add(cellId(cell));
  }

  /** A value that had no form to be stored in is missing, and that is said. */
  #withoutUnstorable({ record, unstorable }: StoredCell, told: Set<string>): CellRecord {
    if (unstorable.length === 0) return record;
    const missing = new Set(unstorable.map(({ index }) => index));
    for (const { metric, reason } of unstorable) {
      const once = JSON.stringify([record.condition, metric]);
      if (told.has(once)) continue;
      told.add(once);
      this.#run.warn(
        `The metric '${metric}' of '${record.condition}' had values that could not be stored, so that they are missing from what was restored: ${reason}`,
      );
    }
    return { ...record, metrics: record.metrics.filter((_, index) => !missing.has(index)) };
  }
}

function adoptedBy(python: StoredRun): readonly CellRecord[] {
  return Array.from(python.cells as Iterable<StoredCellRecord>, ({ record }) => record);
}
