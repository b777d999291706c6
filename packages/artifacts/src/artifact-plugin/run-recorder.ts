import { type CellRecord, type RunHandle, type RunOutcome, StorageError } from '@crystallize/core';
import {
  type ArtifactStore,
  CellLogEncoder,
  cellLogKey,
  encodeMetadata,
  metadataKey,
  type SessionStart,
  type StoreLog,
  type UnstorableMetric,
} from '@crystallize/core/storage';
import { writeDerivedFiles } from './derived-files.ts';
import { endedCells } from './ended-cells.ts';
import { processOwner } from './process-owner.ts';
import { runMetadata } from './run-metadata.ts';
import type { VersionHold } from './version-hold.ts';

/** Writes the records of one run: each cell as it ends, and at the end what is derived from them. */
export class RunRecorder {
  readonly hold: VersionHold;
  readonly #store: ArtifactStore;
  readonly #run: RunHandle;
  readonly #session: SessionStart;
  readonly #encoder = new CellLogEncoder();
  readonly #told = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  #closing = false;
  #opening: Promise<StoreLog> | undefined;
  #log: StoreLog | undefined;
  #committed = 0;
  /** Why nothing more can be recorded: the lock was lost, or the log is broken. */
  #failure: Error | undefined;
  /** Whether the version may be another run's by now. */
  #lost = false;

  constructor(store: ArtifactStore, run: RunHandle, hold: VersionHold, session: SessionStart) {
    this.#store = store;
    this.#run = run;
    this.hold = hold;
    this.#session = session;
    hold.lock.lost.catch((error: Error) => {
      this.#lost = true;
      this.#failure ??= error;
    });
  }

  /** Gathers what a session is begun with. */
  static async describe(run: RunHandle): Promise<SessionStart> {
    const [definition, environment] = await Promise.all([run.definition(), run.environment()]);
    return {
      session: 0,
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
      follows: [],
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
    const committing = this.#commit(record);
    this.#pending.add(committing);
    try {
      await committing;
    } finally {
      this.#pending.delete(committing);
    }
  }

  async #commit(record: CellRecord): Promise<void> {
    const log = this.#log ?? (await this.open());
    const { place } = this.hold;
    if (place.address.replaces && record.artifacts.length > 0) await place.bringHome(record);
    if (this.#failure) throw this.#failure;
    // From here to append nothing may come between: entries refer to those that went before.
    const { bytes, unstorable } = this.#encoder.cell(record);
    const appended = this.#append(log, bytes);
    for (const value of unstorable) this.#tell(record.condition, value);
    await appended;
    this.#committed++;
  }

  /** Writes what is derived and lets go of everything, also after errors; throws the first of them. */
  async close(outcome: RunOutcome): Promise<void> {
    // The version may be another run's as soon as the lock is released.
    this.#closing = true;
    await Promise.allSettled(this.#pending);
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        errors.push(error);
      }
    };
    const finished = this.#isFinished(outcome);
    if (this.#committed > 0 && !this.#failure) await attempt(() => this.#derive(outcome));
    await attempt(() => this.#closeLog(outcome, errors.length === 0));
    if (!this.#lost) {
      if (finished && !this.#failure && errors.length === 0)
        await attempt(() => this.#writeMetadata(outcome));
      await attempt(() => this.hold.settle(this.#committed > 0));
    }
    await attempt(() => this.hold.lock.release());
    if (errors.length > 0) throw errors[0];
  }

  async #open(): Promise<StoreLog> {
    await this.hold.take();
    const { directory, version } = this.hold.place.address;
    const log = await this.#store.createLog(cellLogKey(directory, version, 0));
    this.#log = log;
    await this.#append(log, this.#encoder.session(this.#session));
    return log;
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
    return (
      outcome.status !== 'aborted' && this.#committed >= this.#run.replicates * this.#run.conditions.length
    );
  }

  async #derive(outcome: RunOutcome): Promise<void> {
    const { directory, version } = this.hold.place.address;
    const cells = await endedCells(this.#store, { directory, version }, outcome);
    await writeDerivedFiles(
      this.#store,
      { directory, version },
      this.#run,
      cells,
      outcome.status === 'aborted',
    );
  }

  async #closeLog(outcome: RunOutcome, inOrder: boolean): Promise<void> {
    const log = this.#log;
    if (!log) return;
    try {
      if (inOrder && !this.#failure) {
        const warnings = outcome.result?.warnings ?? [];
        await this.#append(log, this.#encoder.end({ status: outcome.status, endedAt: Date.now(), warnings }));
      }
    } finally {
      await log.close();
    }
  }

  async #writeMetadata(outcome: RunOutcome): Promise<void> {
    const { directory, version } = this.hold.place.address;
    const metadata = runMetadata(this.#run, this.#session, outcome);
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
