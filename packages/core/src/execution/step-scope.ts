import type { Artifact } from '../artifact/artifact.ts';
import type { ArtifactScope } from '../artifact/artifact-scope.ts';
import type { StepContext } from '../context/step-context.ts';
import { InvalidArgumentError } from '../errors/invalid-argument-error.ts';
import { ArtifactScopeError } from '../errors/storage-errors.ts';
import type { LogLevel } from '../plugin/events.ts';
import type { ArtifactBody } from '../plugin/plugin.ts';
import type { ArtifactRecord, Tags } from '../plugin/records.ts';
import type { Cell } from './cell.ts';
import { CellScope } from './cell-scope.ts';
import { StepArtifacts, type WriteKind } from './step-artifacts.ts';

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** @internal One step of one cell while it runs: what the user's function gets as `ctx`. */
export class StepScope extends CellScope implements StepContext, ArtifactScope {
  readonly #step: string;
  #read: Record<string, unknown> | undefined;
  #wrote: Record<string, unknown> | undefined;
  #artifacts: StepArtifacts | undefined;
  #ended = false;

  constructor(cell: Cell, step: string) {
    super(cell, step);
    this.#step = step;
  }

  /** Context keys that were read, with their values as they may be shown. */
  get read(): Readonly<Record<string, unknown>> {
    return this.#read ?? NOTHING;
  }

  /** Context keys that were added, likewise. */
  get wrote(): Readonly<Record<string, unknown>> {
    return this.#wrote ?? NOTHING;
  }

  override get<T = unknown>(key: string): T | undefined {
    this.#noteRead(key);
    return super.get(key);
  }

  override has(key: string): boolean {
    this.#noteRead(key);
    return super.has(key);
  }

  add(key: string, value: unknown): void {
    this.#mustBeOpen(`ctx.add('${key}')`);
    const shown = this.cell.add(key, value, `step '${this.#step}'`);
    this.#wrote ??= {};
    this.#wrote[key] = shown;
  }

  record(metric: string, value: unknown, tags?: Tags): void {
    this.#mustBeOpen(`ctx.record('${metric}')`);
    if (typeof metric !== 'string' || metric === '') {
      throw new InvalidArgumentError(
        `ctx.record(metric, value) needs the metric's name as its first argument, and got ${String(metric)}.`,
      );
    }
    const step = this.#step;
    const { redactor } = this.cell.run;
    const kept = redactor.active ? redactor.value(value) : value;
    this.cell.metrics.push(
      tags === undefined
        ? { metric, value: kept, step }
        : { metric, value: kept, step, tags: redactor.value({ ...tags }) },
    );
  }

  write<T>(artifact: Artifact<T>, value: T): Promise<ArtifactRecord> {
    const written = this.writeArtifact(artifact, value);
    // The step fails by its own account of the write; an unawaited rejection must not end the process.
    written.catch(() => {});
    return written;
  }

  writeArtifact<T>(artifact: Artifact<T>, value: T): Promise<ArtifactRecord> {
    return this.#write(artifact.name, 'value', async () => {
      const body = await artifact.codec.writer(value);
      return typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    });
  }

  writeArtifactBody(name: string, body: ArtifactBody): Promise<ArtifactRecord> {
    return this.#write(name, 'stream', () => body);
  }

  override log(message: string, data?: unknown, level: LogLevel = 'info'): void {
    this.report({ level, message, data, step: this.#step });
  }

  emit(name: string, payload?: unknown): void {
    const { run, spec } = this.cell;
    if (run.observed) {
      run.emit({ type: 'custom', name, payload: run.redact(payload), cell: spec, step: this.#step });
    }
  }

  /** The artifacts that the step has begun to write; `undefined` when there are none. */
  get artifacts(): StepArtifacts | undefined {
    return this.#artifacts;
  }

  /** Closes the scope at once: from now on writing and recording are errors. */
  end(): void {
    this.#ended = true;
  }

  /** Whether the step has ended, been given up, or outlived its run. */
  get ended(): boolean {
    return this.#ended || this.cell.run.closed;
  }

  #noteRead(key: string): void {
    this.#read ??= {};
    if (!Object.hasOwn(this.#read, key)) this.#read[key] = this.cell.shown(key);
  }

  async #write(
    name: string,
    kind: WriteKind,
    body: () => ArtifactBody | Promise<ArtifactBody>,
  ): Promise<ArtifactRecord> {
    try {
      this.#mustBeOpen(`the artifact '${name}'`);
    } catch (error) {
      // Nobody may be waiting for a write that comes too late, so that it is said as a warning as well.
      this.cell.run.warn((error as Error).message);
      throw error;
    }
    this.#artifacts ??= new StepArtifacts(this.cell, this.#step);
    return this.#artifacts.write(name, kind, body);
  }

  #mustBeOpen(what: string): void {
    if (!this.ended) return;
    throw new ArtifactScopeError(
      `${what} came after its step '${this.#step}' had ended (replicate ${this.replicate}, '${this.condition}'). Await what the step starts before it returns.`,
    );
  }
}
