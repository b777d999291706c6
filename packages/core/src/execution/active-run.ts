import { randomUUID } from 'node:crypto';
import type { Redactor } from '../context/redactor.ts';
import { CrystallizeError } from '../errors/crystallize-error.ts';
import { StorageError } from '../errors/storage-errors.ts';
import { messageOf } from '../plugin/error-record.ts';
import type { EventListener, RunEvent } from '../plugin/events.ts';
import { isPromise } from '../plugin/is-promise.ts';
import type { PluginHooks } from '../plugin/plugin-hooks.ts';
import type {
  ExperimentInfo,
  RunDefinition,
  RunDescription,
  RunEnvironment,
  RunInput,
} from '../plugin/records.ts';
import type { ResumedRun, RunHandle, RunPurpose, StateKey } from '../plugin/run-handle.ts';
import { AbortLatch } from './abort-latch.ts';

/** @internal What a run starts with. */
export interface RunStart
  extends Pick<
    RunHandle,
    'purpose' | 'strategy' | 'experiment' | 'seed' | 'replicates' | 'conditions' | 'inputs'
  > {
  readonly redactor: Redactor;
  /** Whose `onEvent` is called. */
  readonly hooks: Pick<PluginHooks, 'onEvent'>;
  readonly onEvent: EventListener | undefined;
  /** Told of each warning, besides the listeners. */
  readonly onWarning?: (message: string) => void;
  /** Of a run that goes on in another process: what it is there. */
  readonly elsewhere?: Pick<RunDescription, 'id' | 'origin' | 'startedAt' | 'version' | 'dir'>;
  /** @param known - That of the stored run: what has not changed since need not be looked at again. */
  readonly definition: (known: RunDefinition | undefined) => Promise<RunDefinition>;
  readonly environment: () => RunEnvironment;
}

/** @internal A run while it goes on: the handle that hooks get, and the state behind it. */
export class ActiveRun implements RunHandle {
  readonly id: string;
  readonly role: 'main' | 'worker';
  readonly purpose: RunPurpose;
  readonly strategy: 'rerun' | 'resume';
  readonly experiment: ExperimentInfo;
  readonly replicates: number;
  readonly conditions: readonly string[];
  readonly inputs: readonly RunInput[];
  readonly redactor: Redactor;
  readonly startedAt: Date;
  /** Whether anyone listens; events that nobody hears are not made. */
  readonly observed: boolean;
  readonly #start: RunStart;
  /** Aborted when no further cell may start; those under way go on until {@link ending} is. */
  readonly stopping: AbortLatch = new AbortLatch();
  /** Aborted when cells under way are to end. */
  readonly ending: AbortLatch = new AbortLatch();
  readonly #state = new Map<symbol, unknown>();
  readonly #warnings = new Set<string>();
  readonly #loaded = new Map<object, Map<string, unknown>>();
  #seed: number;
  #origin: string;
  #resumed: ResumedRun | undefined;
  #definition: Promise<RunDefinition> | undefined;
  #environment: RunEnvironment | undefined;
  #place: { readonly version?: number; readonly dir?: string } = {};
  #failure: Error | undefined;
  #closed = false;
  #over = false;

  constructor(start: RunStart) {
    this.#start = start;
    const { elsewhere } = start;
    this.id = elsewhere?.id ?? randomUUID();
    this.#origin = elsewhere?.origin ?? this.id;
    this.role = elsewhere ? 'worker' : 'main';
    this.startedAt = new Date(elsewhere?.startedAt ?? Date.now());
    if (elsewhere) this.storedAs(elsewhere);
    this.purpose = start.purpose;
    this.strategy = start.strategy;
    this.experiment = start.experiment;
    this.#seed = start.seed;
    this.replicates = start.replicates;
    this.conditions = start.conditions;
    this.inputs = start.inputs;
    this.redactor = start.redactor;
    this.observed = start.onEvent !== undefined || start.hooks.onEvent.length > 0;
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get stopSignal(): AbortSignal {
    return this.stopping.signal;
  }

  /** The error that stopped the run, when storage or a plugin failed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get seed(): number {
    return this.#seed;
  }

  get origin(): string {
    return this.#origin;
  }

  get resumed(): ResumedRun | undefined {
    return this.#resumed;
  }

  get version(): number | undefined {
    return this.#place.version;
  }

  get dir(): string | undefined {
    return this.#place.dir;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  storedAs({ version, dir }: { readonly version?: number; readonly dir?: string }): void {
    if (version !== undefined) this.#place = { ...this.#place, version };
    if (dir !== undefined) this.#place = { ...this.#place, dir };
  }

  definition(): Promise<RunDefinition> {
    return this.define(undefined);
  }

  /** What `definition` resolves to, found with the help of what is stored of an earlier run. */
  define(known: RunDefinition | undefined): Promise<RunDefinition> {
    this.#definition ??= this.#start.definition(known);
    return this.#definition;
  }

  /** What is stored was begun by this run; nothing for a run that begins itself. */
  follow(origin: string | undefined): void {
    this.#origin = origin ?? this.id;
  }

  /** The stored run goes on, with its own seed. */
  resume(resumed: ResumedRun, seed: number): void {
    this.#resumed = resumed;
    this.#seed = seed;
  }

  async environment(): Promise<RunEnvironment> {
    return this.surroundings();
  }

  /** What `environment` resolves to. */
  surroundings(): RunEnvironment {
    this.#environment ??= this.#start.environment();
    return this.#environment;
  }

  set<T>(key: StateKey<T>, value: T): void {
    this.#state.set(key.id, value);
  }

  get<T>(key: StateKey<T>): T {
    if (this.#state.has(key.id)) return this.#state.get(key.id) as T;
    throw new CrystallizeError(
      'STATE_MISSING',
      `The run has no state under '${key.id.description}'. Set it in beforeRun or init, with run.set(key, value), before it is read.`,
    );
  }

  has(key: StateKey<unknown>): boolean {
    return this.#state.has(key.id);
  }

  warn(message: string): void {
    const text = this.redactor.text(message);
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    this.#start.onWarning?.(text);
    this.emit({ type: 'warning', message: text });
  }

  emit(event: RunEvent): void {
    if (!this.observed || this.#over) return;
    // What a cell that was left to itself still says must not come after the last event.
    this.#over = event.type === 'run:end';
    this.#tell('the listener given to run()', () => this.#start.onEvent?.(event, this.experiment));
    for (const plugin of this.#start.hooks.onEvent) {
      this.#tell(`onEvent of the plugin '${plugin.name}'`, () => plugin.onEvent?.(this, event));
    }
  }

  redact<T>(value: T): T {
    return typeof value === 'string' ? (this.redactor.text(value) as T) : this.redactor.value(value);
  }

  /** Loads a value once in this run and process; what failed to load is loaded anew when next asked for. */
  once<T>(owner: object, key: string, load: () => T): T {
    const values = this.#loaded.get(owner) ?? new Map<string, unknown>();
    this.#loaded.set(owner, values);
    if (!values.has(key)) {
      const loaded = load();
      values.set(key, loaded);
      if (isPromise(loaded)) loaded.then(undefined, () => values.delete(key));
    }
    return values.get(key) as T;
  }

  /** No further cell starts. */
  stop(reason: unknown): void {
    this.stopping.abort(reason);
  }

  /** Cells under way are to end. */
  end(reason: unknown): void {
    this.stopping.abort(reason);
    this.ending.abort(reason);
  }

  /** The run is over: cells that were left to themselves can write nothing more. */
  close(): void {
    this.#closed = true;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Storage or a plugin failed: the run can't go on, and rejects with the first such error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.end(error);
  }

  #tell(who: string, call: () => unknown): void {
    // Not through warn(): telling a listener that fails of its failure would fail again.
    const failed = (error: unknown) => {
      this.#warnings.add(`${who} failed: ${this.redactor.text(messageOf(error))}`);
      if (error instanceof StorageError) this.fail(error);
    };
    try {
      const told = call();
      if (isPromise(told)) told.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}
