import type { Artifact } from '../artifact/artifact.ts';
import type { ArtifactScope } from '../artifact/artifact-scope.ts';
import { ArtifactConflictError, ArtifactScopeError } from '../errors/storage-errors.ts';
import { StorageError } from '../errors/storage-errors.ts';
import type { LogLevel } from '../plugin/events.ts';
import type { ArtifactBody } from '../plugin/plugin.ts';
import type { ArtifactRecord, Tags } from '../plugin/records.ts';
import { assertName } from '../storage/names.ts';
import type { Cell } from './cell.ts';
import { createRng, type Rng } from './rng.ts';
import type { StepContext } from './step-context.ts';

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** @internal One step of one cell while it runs: what the user's function gets as `ctx`. */
export class StepScope implements StepContext, ArtifactScope {
  readonly #cell: Cell;
  readonly #step: string;
  #rng: Rng | undefined;
  #read: Record<string, unknown> | undefined;
  #wrote: Record<string, unknown> | undefined;
  /** Names that this step has begun to write, and the writes that are still under way. */
  #names: Set<string> | undefined;
  #writing: Map<Promise<ArtifactRecord>, 'value' | 'stream'> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;

  constructor(cell: Cell, step: string) {
    this.#cell = cell;
    this.#step = step;
  }

  get replicate(): number {
    return this.#cell.replicate;
  }

  get condition(): string {
    return this.#cell.condition;
  }

  get seed(): number {
    return this.#cell.seed;
  }

  get signal(): AbortSignal {
    return this.#cell.signal;
  }

  get rng(): Rng {
    this.#rng ??= createRng(this.#cell.seed, this.#step);
    return this.#rng;
  }

  /** Context keys that were read, with their values as they may be shown. */
  get read(): Readonly<Record<string, unknown>> {
    return this.#read ?? NOTHING;
  }

  get wrote(): Readonly<Record<string, unknown>> {
    return this.#wrote ?? NOTHING;
  }

  get<T = unknown>(key: string): T | undefined {
    this.#noteRead(key);
    return this.#cell.get(key) as T | undefined;
  }

  has(key: string): boolean {
    this.#noteRead(key);
    return this.#cell.has(key);
  }

  add(key: string, value: unknown): void {
    this.#mustBeOpen(`ctx.add('${key}')`);
    const shown = this.#cell.add(key, value, `step '${this.#step}'`);
    this.#wrote ??= {};
    this.#wrote[key] = shown;
  }

  record(metric: string, value: unknown, tags?: Tags): void {
    this.#mustBeOpen(`ctx.record('${metric}')`);
    if (typeof metric !== 'string' || metric === '') {
      throw new TypeError(`ctx.record(metric, value) needs the metric's name as its first argument, and got ${String(metric)}.`);
    }
    const step = this.#step;
    const { redactor } = this.#cell.run;
    const kept = redactor.active ? redactor.value(value) : value;
    this.#cell.metrics.push(
      tags === undefined ? { metric, value: kept, step } : { metric, value: kept, step, tags: redactor.value({ ...tags }) },
    );
  }

  write<T>(artifact: Artifact<T>, value: T): Promise<ArtifactRecord> {
    const written = this.writeArtifact(artifact, value);
    // The step fails by its own account of the write; an unawaited rejection must not end the process.
    written.catch(() => {});
    return written;
  }

  writeArtifact<T>(artifact: Artifact<T>, value: T): Promise<ArtifactRecord> {
    return this.#track(artifact.name, 'value', async () => {
      const body = await artifact.codec.writer(value);
      return this.#store(artifact.name, typeof body === 'string' ? Buffer.from(body, 'utf8') : body);
    });
  }

  writeArtifactBody(name: string, body: ArtifactBody): Promise<ArtifactRecord> {
    return this.#track(name, 'stream', () => this.#store(name, body));
  }

  log(message: string, data?: unknown, level: LogLevel = 'info'): void {
    const run = this.#cell.run;
    if (!run.observed) return;
    const line = { type: 'log', level, message: run.redact(message), cell: this.#cell.spec, step: this.#step } as const;
    run.emit(data === undefined ? line : { ...line, data: run.redact(data) });
  }

  emit(name: string, payload?: unknown): void {
    const run = this.#cell.run;
    if (run.observed) {
      run.emit({ type: 'custom', name, payload: run.redact(payload), cell: this.#cell.spec, step: this.#step });
    }
  }

  /** Waits for writes that the step began and did not wait for; throws what one of them failed with. */
  async settle(): Promise<void> {
    while (this.#writing && this.#writing.size > 0) await Promise.allSettled(this.#writing.keys());
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for the writes of a step that has failed, but not for streams: these may never end without it. */
  async drain(): Promise<void> {
    await Promise.allSettled([...(this.#writing ?? [])].flatMap(([write, kind]) => (kind === 'value' ? [write] : [])));
  }

  /** Whether {@link settle} has nothing to do. */
  get settled(): boolean {
    return this.#names === undefined;
  }

  /** Closes the scope at once: from now on writing and recording are errors. */
  end(): void {
    this.#ended = true;
  }

  /** Whether the step has ended, been given up, or outlived its run. */
  get ended(): boolean {
    return this.#ended || this.#cell.run.closed;
  }

  #noteRead(key: string): void {
    this.#read ??= {};
    if (!Object.hasOwn(this.#read, key)) this.#read[key] = this.#cell.shown(key);
  }

  #claim(name: string): void {
    this.#names ??= new Set();
    assertName('artifact', name);
    if (this.#names.has(name)) throw new ArtifactConflictError(name, this.#step);
    this.#names.add(name);
  }

  async #track(name: string, kind: 'value' | 'stream', write: () => Promise<ArtifactRecord>): Promise<ArtifactRecord> {
    this.#mustBeInTime(name);
    try {
      this.#claim(name);
      const pending = write();
      this.#writing ??= new Map();
      this.#writing.set(pending, kind);
      try {
        return await pending;
      } finally {
        this.#writing.delete(pending);
      }
    } catch (error) {
      // Kept for settle(): a step whose file is missing must fail, also when it did not wait for the write.
      this.#failure ??= { error };
      throw error;
    }
  }

  async #store(name: string, body: ArtifactBody): Promise<ArtifactRecord> {
    const { run, replicate, condition, sink } = this.#cell;
    try {
      const record = await sink.write({ replicate, condition, step: this.#step, name }, body);
      this.#cell.addArtifact(record);
      if (run.observed) run.emit({ type: 'artifact:written', cell: this.#cell.spec, artifact: record });
      return record;
    } catch (error) {
      // Whatever the step does about it, what can't be stored must not go on to be reported as done.
      if (error instanceof StorageError) run.fail(error);
      throw error;
    }
  }

  /** Nobody may be waiting for a write that comes too late, so that it is said as a warning as well. */
  #mustBeInTime(name: string): void {
    try {
      this.#mustBeOpen(`the artifact '${name}'`);
    } catch (error) {
      this.#cell.run.warn((error as Error).message);
      throw error;
    }
  }

  #mustBeOpen(what: string): void {
    if (!this.ended) return;
    throw new ArtifactScopeError(
      `${what} came after its step '${this.#step}' had ended (replicate ${this.replicate}, '${this.condition}'). Await what the step starts before it returns.`,
    );
  }
}
