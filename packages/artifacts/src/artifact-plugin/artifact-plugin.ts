import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import {
  type ArtifactSink,
  type CellHandle,
  type CellRecord,
  type ExperimentInfo,
  InvalidArgumentError,
  type Plugin,
  type RestoreRequest,
  type ResumedRun,
  type RunHandle,
  type RunOutcome,
  type StateKey,
  type StepCache,
  type StoredRun,
  stateKey,
} from '@crystallize/core';
import {
  type ArtifactStore,
  type SavedExperiment,
  type StoredRetention,
  savedExperiment,
  versionFolder,
} from '@crystallize/core/storage';
import { fsStore } from '../fs-store/fs-store.ts';
import { pruneAfterRun } from '../retention/prune-after-run.ts';
import { StoreStepCache } from '../step-cache/store-step-cache.ts';
import { type ArtifactPluginOptions, readArtifactPluginOptions } from './artifact-plugin-options.ts';
import { holdNextVersion } from './numbered-version.ts';
import { RestoredVersion } from './restored-version.ts';
import { changesAnything } from './resumption.ts';
import { RunPlace } from './run-place.ts';
import { RunRecorder } from './run-recorder.ts';
import { holdSoleVersion } from './sole-version.ts';
import { StoreSink } from './store-sink.ts';
import { findStoredVersion } from './stored-version.ts';
import { joinRun, type WorkerAddress, workerAddress } from './worker-address.ts';

/**
 * Keeps every run of an experiment: each cell's record as it ends, every artifact with its size and
 * sha256, and at the end the results in files that other programs can read, Crystallize for Python
 * 0.27 among them.
 *
 * Versioned, each run is kept beside the others as `v0`, `v1`, …. Not versioned, there is only `v0`:
 * the run before stays until the first cell of the new one is committed, and goes at its end. After each
 * versioned run that has finished, older versions lose artifacts, as `artifactRetention` and
 * `bigFileThresholdMb` say.
 *
 * Wrong options are told by the experiment's `validate()`.
 *
 * @example
 * const experiment = new Experiment({
 *   name: 'penguins',
 *   plugins: [new ArtifactPlugin({ rootDir: 'artifacts', versioned: true })],
 *   …
 * });
 * const { dir } = await experiment.run(); // …/artifacts/penguins/v0
 */
export class ArtifactPlugin implements Plugin<WorkerAddress> {
  readonly name: string = '@crystallize/artifacts';
  /** Absolute. */
  readonly rootDir: string;
  readonly versioned: boolean;
  /** How many of the newest finished versions are to stay whole; 0 or less: all of them. */
  readonly artifactRetention: number;
  /** In MiB. */
  readonly bigFileThresholdMb: number;
  readonly durability: 'full' | 'process';
  /** Where everything is kept: the store that was given, else a folder's. */
  readonly store: ArtifactStore;
  /** What a power cut takes from the cache is noticed, and computed anew. */
  readonly #cacheStore: ArtifactStore;
  readonly #problems: readonly string[];
  readonly #unusedRoot: boolean;
  readonly #options: ArtifactPluginOptions;

  constructor(options: ArtifactPluginOptions = {}) {
    this.#options = options;
    const { settings, problems } = readArtifactPluginOptions(options, process.env);
    this.rootDir = resolve(settings.rootDir);
    this.versioned = settings.versioned;
    this.artifactRetention = settings.artifactRetention;
    this.bigFileThresholdMb = settings.bigFileThresholdMb;
    this.durability = settings.durability;
    this.store = settings.store ?? fsStore(this.rootDir, { durability: settings.durability });
    this.#cacheStore = settings.store ?? fsStore(this.rootDir, { durability: 'process' });
    this.#problems = problems;
    this.#unusedRoot = settings.store !== undefined && options?.rootDir !== undefined;
  }

  /** The version of this package. */
  get version(): string {
    const manifest = createRequire(import.meta.url)('@crystallize/artifacts/package.json') as {
      readonly version: string;
    };
    return manifest.version;
  }

  validate(): readonly string[] {
    return this.#problems;
  }

  /**
   * The same plugin with everything kept elsewhere: in a store, or in the folder of that path; all other
   * options stay. Of a subclass it is one of the same class, whose constructor has to pass its options on.
   *
   * @throws InvalidArgumentError for a subclass that does not; it has to override this method.
   */
  withStore(place: ArtifactStore | string): ArtifactPlugin {
    const { rootDir: _rootDir, store: _store, ...same } = this.#options;
    const elsewhere = typeof place === 'string' ? { rootDir: place } : { store: place };
    const moved = new (this.constructor as typeof ArtifactPlugin)({ ...same, ...elsewhere });
    if (typeof place === 'string' ? moved.rootDir === resolve(place) : moved.store === place) return moved;
    throw new InvalidArgumentError(
      `${this.constructor.name}, a subclass of ArtifactPlugin, keeps its runs where it was written to, and not where withStore was told. Let its constructor pass its options on to super(options), or override withStore.`,
    );
  }

  async init(run: RunHandle, shared?: WorkerAddress): Promise<void> {
    if (run.role === 'main' || !shared) return;
    const place = new RunPlace(this.store, await joinRun(this.store, shared));
    const { key, token } = shared.lock;
    run.set(sinkKey, new StoreSink(this.store, place, () => this.store.holds(key, token)));
  }

  async restore(run: RunHandle, { version, readOnly }: RestoreRequest): Promise<StoredRun | undefined> {
    const query = { versioned: this.versioned, version, readOnly };
    const found = await findStoredVersion(this.store, run, query);
    if (!found) return undefined;
    const restored = new RestoredVersion(this.store, run, found);
    run.set(restoredKey, restored);
    return restored.stored;
  }

  async beforeRun(run: RunHandle): Promise<WorkerAddress> {
    if (this.#unusedRoot) {
      run.warn(
        `ArtifactPlugin was given a store and the rootDir '${this.rootDir}', which is not used. Leave one of them out.`,
      );
    }
    // What was restored may turn out not to be the run to go on with.
    if (!run.resumed && run.has(restoredKey)) await run.get(restoredKey).release();
    const recorder = run.resumed ? await this.#goOn(run, run.resumed) : await this.#begin(run);
    const { address } = recorder.hold.place;
    const dir = this.store.localPath?.(versionFolder(address.directory, address.version));
    run.storedAs({ version: address.version, ...(dir === undefined ? {} : { dir }) });
    return workerAddress(this.store, recorder.hold);
  }

  async #begin(run: RunHandle): Promise<RunRecorder> {
    // First, since it needs no storage: a definition that can't be described must not cost a version.
    const session = await RunRecorder.describe(run, this.#retention);
    const hold = await (this.versioned ? holdNextVersion : holdSoleVersion)(this.store, run);
    const recorder = this.#record(run, new RunRecorder(this.store, run, hold, session));
    // Where an older run is in place, it stays until the first commit.
    if (!hold.place.address.replaces) await recorder.open();
    return recorder;
  }

  async #goOn(run: RunHandle, resumed: ResumedRun): Promise<RunRecorder> {
    const restored = run.get(restoredKey);
    const resumption = restored.resumptionOf(resumed);
    const session = changesAnything(resumption)
      ? await RunRecorder.describe(run, this.#retention, resumption)
      : undefined;
    const hold = restored.handOver();
    const recorder = this.#record(run, new RunRecorder(this.store, run, hold, session, resumption));
    if (session) await recorder.open();
    return recorder;
  }

  /** Not versioned, there is nothing to be pruned. */
  get #retention(): StoredRetention | undefined {
    const { artifactRetention, bigFileThresholdMb } = this;
    return this.versioned ? { artifactRetention, bigFileThresholdMb } : undefined;
  }

  #record(run: RunHandle, recorder: RunRecorder): RunRecorder {
    const { lock, place } = recorder.hold;
    run.set(recorderKey, recorder);
    run.set(sinkKey, new StoreSink(this.store, place, () => lock.isHeld()));
    return recorder;
  }

  artifacts(run: RunHandle): ArtifactSink {
    return run.get(sinkKey);
  }

  cache(run: RunHandle): StepCache {
    return new StoreStepCache(this.#cacheStore, run.experiment.directory);
  }

  beforeCell(cell: CellHandle): void {
    if (cell.run.has(sinkKey)) cell.run.get(sinkKey).begin(cell);
  }

  afterCell(cell: CellHandle, record: CellRecord): void | Promise<void> {
    if (cell.run.has(sinkKey)) return cell.run.get(sinkKey).end(cell, record);
  }

  commitCell(run: RunHandle, record: CellRecord): Promise<void> {
    return run.get(recorderKey).commit(record);
  }

  async afterRun(run: RunHandle, outcome: RunOutcome): Promise<void> {
    if (run.has(sinkKey)) await run.get(sinkKey).close();
    if (run.has(recorderKey)) await run.get(recorderKey).close(outcome);
    if (run.has(restoredKey)) await run.get(restoredKey).release();
    if (!this.versioned || outcome.status === 'aborted' || !run.has(recorderKey)) return;
    const place = { directory: run.experiment.directory, version: run.version };
    await pruneAfterRun(this.store, place, this, (message) => run.warn(message));
  }

  saved(experiment: ExperimentInfo): SavedExperiment {
    return savedExperiment(this.store, experiment.directory);
  }
}

const recorderKey: StateKey<RunRecorder> = stateKey('@crystallize/artifacts recorder');
const restoredKey: StateKey<RestoredVersion> = stateKey('@crystallize/artifacts restored');
const sinkKey: StateKey<StoreSink> = stateKey('@crystallize/artifacts sink');
