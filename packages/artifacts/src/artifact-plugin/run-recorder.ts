import { type CellRecord, type RunHandle, type RunOutcome, StorageError } from '@crystallize/core';
import {
  type ArtifactStore,
  CellLogEncoder,
  cellLogKey,
  encodeMetadata,
  metadataKey,
  type SessionStart,
  type StoredRetention,
  type StoreLog,
  type UnstorableMetric,
} from '@crystallize/core/storage';
import { assertHeld } from './assert-held.ts';
import { writeDerivedFiles } from './derived-files.ts';
import { type EndedCells, endedCells, everyCell } from './ended-cells.ts';
import { extentOf } from './extent.ts';
import { processOwner } from './process-owner.ts';
import { changedConditions, moveFilesAside, type Resumption, withdrawMarkers } from './resumption.ts';
import { runMetadata } from './run-metadata.ts';
import { settleCellFiles } from './settle-cell-files.ts';
import type { VersionHold } from './version-hold.ts';

/** Milliseconds for which a lock that was seen to be held counts as held: far less than any lease. */
const confirmedFor = 500;

/** Writes the records of one run: each cell as it ends, and at the end what is derived from them. */
export class RunRecorder {
  readonly hold: VersionHold;
  readonly #store: ArtifactStore;
  readonly #run: RunHandle;
  /** `undefined` for a resume that has nothing to record. */
  readonly #session: SessionStart | undefined;
  /** Where a stored version goes on. */
  readonly #resumption: Resumption | undefined;
  /** The conditions whose derived files are to be written. */
  #changed: readonly string[];
  readonly #encoder = new CellLogEncoder();
  readonly #told = new Set<string>();
  /** Commits that have begun and not ended. */
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  #closing = false;
  /** One time for all that tells it: wall clock, milliseconds since 1970. */
  #endedAt = 0;
  #opening: Promise<StoreLog> | undefined;
  #log: StoreLog | undefined;
  #committed = 0;
  /** Why nothing more can be recorded: the lock was lost, or the log is broken. */
  #failure: Error | undefined;
  /** When it was last seen that the lock is held, by the monotonic clock. */
  #confirmedAt = performance.now();
  /** Whether the version may be another run's by now. */
  #lost = false;

  constructor(
    store: ArtifactStore,
    run: RunHandle,
    hold: VersionHold,
    session: SessionStart | undefined,
    resumption?: Resumption,
  ) {
    this.#store = store;
    this.#run = run;
    this.hold = hold;
    this.#session = session;
    this.#resumption = resumption;
    this.#changed = run.conditions;
    hold.lock.lost.catch((error: Error) => {
      this.#lost = true;
      this.#failure ??= error;
    });
  }

  /** Gathers what a session is begun with. */
  static async describe(
    run: RunHandle,
    retention: StoredRetention | undefined,
    resumption?: Resumption,
  ): Promise<SessionStart> {
    const [definition, environment] = await Promise.all([run.definition(), run.environment()]);
    const { resumed, session = 0, follows = [], adopted = [] } = resumption ?? {};
    const conditions = [...new Set(adopted.map(({ condition }) => condition))];
    return {
      session,
      run: run.id,
      experiment: run.experiment,
      seed: run.seed,
      replicates: run.replicates,
      conditions: run.conditions,
      definition,
      inputs: run.inputs,
      environment,
      startedAt: Date.now(),
      owner: processOwner(),
      follows,
      ...(retention ? { retention } : {}),
      ...(resumed && resumed.accepted.length > 0 ? { accepted: resumed.accepted } : {}),
      ...(conditions.length > 0 ? { adopted: conditions } : {}),
    };
  }

  /** Takes the version and begins the log, once. */
  open(): Promise<StoreLog> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Resolves when the record is as safe as the store makes it. */
  async commit(record: CellRecord): Promise<void> {
    if (this.#closing) {
      throw new StorageError(
        'The run has ended, so this cell is not stored: its executor reported it too late.',
      );
    }
    this.#underWay++;
    try {
      await this.#commit(record);
    } finally {
      if (--this.#underWay === 0) this.#idle?.resolve();
    }
  }

  async #commit(record: CellRecord): Promise<void> {
    const log = this.#log ?? (await this.open());
    const settling = settleCellFiles(this.#store, this.hold, record);
    if (settling) await settling;
    if (this.#failure) throw this.#failure;
    // From here to append nothing may come between: entries refer to those that went before.
    const { bytes, unstorable } = this.#encoder.cell(record);
    const appended = this.#append(log, bytes);
    for (const value of unstorable) this.#tell(record.condition, value);
    await appended;
    if (!this.#isConfirmed) await this.#confirmLock();
    this.#committed++;
  }

  /** Writes what is derived and lets go of everything, also after errors; throws the first of them. */
  async close(outcome: RunOutcome): Promise<void> {
    // The version may be another run's as soon as the lock is released.
    this.#closing = true;
    if (this.#underWay > 0) {
      this.#idle = Promise.withResolvers();
      await this.#idle.promise;
    }
    this.#endedAt = Date.now();
    const errors: unknown[] = [];
    // An owner that was only paused must not derive anything, nor end as if nothing had happened.
    this.#confirmedAt = -Infinity;
    await this.#confirmLock().catch((error: unknown) => void errors.push(error));
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        errors.push(error);
      }
    };
    const finished = this.#isFinished(outcome);
    const cells = await this.#derive(outcome).catch((error: unknown) => void errors.push(error));
    await attempt(() => this.#closeLog(outcome, errors.length === 0));
    if (!this.#lost) {
      if (finished && cells && !this.#failure && errors.length === 0)
        await attempt(() => this.#writeMetadata(outcome, cells));
      await attempt(() => this.hold.settle(this.#committed > 0));
    }
    await attempt(() => this.hold.lock.release());
    if (errors.length > 0) throw errors[0];
  }

  get #isConfirmed(): boolean {
    return performance.now() - this.#confirmedAt < confirmedFor;
  }

  /**
   * Asks whether the version is still this run's, unless that was known a moment ago: a process that was
   * paused, and replaced meanwhile, must not report as done what nobody will read.
   */
  async #confirmLock(): Promise<void> {
    if (this.#isConfirmed) return;
    try {
      await assertHeld(this.hold.lock);
      this.#confirmedAt = performance.now();
    } catch (error) {
      this.#lost = true;
      this.#failure ??= error as Error;
      throw error;
    }
  }

  async #open(): Promise<StoreLog> {
    await this.#confirmLock();
    await this.hold.take();
    const { directory, version } = this.hold.place.address;
    const resumption = this.#resumption;
    if (resumption) {
      const changed = changedConditions(this.#run, resumption.resumed);
      // An earlier session may have been killed before it wrote what is derived.
      if (resumption.finished) this.#changed = changed;
      await withdrawMarkers(this.#store, { directory, version }, changed);
    }
    const session = this.#session;
    if (!session)
      throw new StorageError('This resume has found everything done, so that there is nothing to record.');
    const log = await this.#store.createLog(cellLogKey(directory, version, session.session));
    this.#log = log;
    await this.#append(log, this.#beginning(session));
    if (resumption) {
      const confirm = () => assertHeld(this.hold.lock);
      await moveFilesAside(this.#store, { directory, version }, this.#run, resumption, confirm);
    }
    return log;
  }

  /** Appended as one: what counts no more, and what is taken over, is part of the session's first word. */
  #beginning(session: SessionStart): Uint8Array {
    const { resumed, adopted = [] } = this.#resumption ?? {};
    return Buffer.concat([
      this.#encoder.session(session),
      ...adopted.map((record) => this.#encoder.cell(record).bytes),
      ...(resumed?.superseded ?? []).map((cell) => this.#encoder.superseded(cell)),
    ]);
  }

  async #append(log: StoreLog, bytes: Uint8Array): Promise<void> {
    try {
      await log.append(bytes);
    } catch (error) {
      // What comes later may refer to what is missing now.
      this.#failure ??= error as Error;
      throw error;
    }
  }

  #isFinished(outcome: RunOutcome): boolean {
    const missing = this.#resumption?.resumed.missing ?? this.#run.replicates * this.#run.conditions.length;
    return outcome.status !== 'aborted' && this.#committed >= missing;
  }

  /** The cells of the version, unless nothing of it has changed. */
  async #derive(outcome: RunOutcome): Promise<EndedCells | undefined> {
    const resumption = this.#resumption;
    const changed = resumption ? this.#log !== undefined : this.#committed > 0;
    if (!changed || this.#failure) return undefined;
    const { directory, version } = this.hold.place.address;
    const place = { directory, version };
    const beyond = (resumption?.beyond.size ?? 0) > 0;
    const cells = await endedCells(this.#store, place, this.#run, outcome, beyond);
    const selection = { conditions: this.#changed, onlyComplete: outcome.status === 'aborted' };
    await writeDerivedFiles(this.#store, place, this.#run, cells, selection);
    return cells;
  }

  async #closeLog(outcome: RunOutcome, inOrder: boolean): Promise<void> {
    const log = this.#log;
    if (!log) return;
    try {
      if (inOrder && !this.#failure) {
        const warnings = outcome.result?.warnings ?? [];
        await this.#append(
          log,
          this.#encoder.end({ status: outcome.status, endedAt: this.#endedAt, warnings }),
        );
      }
    } finally {
      await log.close();
    }
  }

  async #writeMetadata(outcome: RunOutcome, cells: EndedCells): Promise<void> {
    const { directory, version } = this.hold.place.address;
    const run = this.#run;
    const session = this.#session;
    if (!session) return;
    const resumption = this.#resumption;
    const extent = resumption ? extentOf(run, resumption.earlier, everyCell(cells)) : run;
    const metadata = runMetadata(run, session, this.#endedAt, outcome, extent);
    await this.#store.put(metadataKey(directory, version), encodeMetadata(metadata));
  }

  #tell(condition: string, { metric, reason }: UnstorableMetric): void {
    const once = JSON.stringify([condition, metric]);
    if (this.#told.has(once)) return;
    this.#told.add(once);
    this.#run.warn(
      `The metric '${metric}' of '${condition}' has values that can't be stored: ${reason} They are in the result of this run only; everything else was stored.`,
    );
  }
}
