import { deepFreeze, isPlainObject } from '../context/freeze.ts';
import { isSecret, reveal } from '../context/secret.ts';
import { ContextMutationError } from '../errors/run-errors.ts';
import type { ArtifactSink } from '../plugin/plugin.ts';
import type {
  ArtifactRecord,
  AttemptSpec,
  CellSpec,
  InputRecord,
  MetricRecord,
  StepRecord,
} from '../plugin/records.ts';
import type { CellHandle } from '../plugin/run-handle.ts';
import type { ActiveRun } from './active-run.ts';
import type { Condition } from './condition.ts';

/** Longer strings are cut where they are recorded for provenance. */
const SHOWN_LENGTH = 200;

/** Most cells have none of a thing: they share this one list. */
const NONE: readonly never[] = Object.freeze([]);

/** @internal One try of one cell while it runs: its context, and what it has produced. */
export class Cell implements CellHandle {
  readonly run: ActiveRun;
  readonly spec: CellSpec;
  readonly condition: string;
  readonly replicate: number;
  readonly seed: number;
  /** When the clock was last read: at the start, when the data was there, and after each step. */
  clock: number;
  readonly #timer: { readonly signal: AbortSignal } | undefined;
  readonly attempt: AttemptSpec;
  /** Set before its first hook is called. */
  isCurrent?: () => Promise<boolean>;
  readonly from: Condition;
  readonly sink: ArtifactSink;
  readonly metrics: MetricRecord[] = [];
  artifacts: readonly ArtifactRecord[] = NONE;
  inputs: readonly InputRecord[] = NONE;
  readonly steps: StepRecord[] = [];
  /** Set by the treatment's function or by steps; `undefined` for most cells. */
  #added: Map<string, unknown> | undefined;
  #shownAdded: Map<string, unknown> | undefined;
  /** Keys that the treatment sets and that were not read; `undefined` until one of them is read. */
  #unread: Set<string> | undefined;

  constructor(
    run: ActiveRun,
    spec: CellSpec,
    from: Condition,
    sink: ArtifactSink,
    timer: { readonly signal: AbortSignal } | undefined,
    attempt: AttemptSpec,
  ) {
    this.run = run;
    this.spec = spec;
    this.condition = spec.condition;
    this.replicate = spec.replicate;
    this.seed = spec.seed;
    this.#timer = timer;
    this.attempt = attempt;
    this.from = from;
    this.clock = performance.now();
    this.sink = sink;
  }

  get signal(): AbortSignal {
    return this.#timer?.signal ?? this.run.signal;
  }

  /** Milliseconds. Read once where one thing ends and the next begins: it costs as much as a small step. */
  readClock(): number {
    this.clock = performance.now();
    return this.clock;
  }

  /** Whether the context holds nothing but what the condition starts from. */
  get untouched(): boolean {
    return this.#added === undefined;
  }

  has(key: string): boolean {
    this.markRead(key);
    return this.#added?.has(key) || this.from.values.has(key);
  }

  get(key: string): unknown {
    this.markRead(key);
    return this.#added?.has(key) ? this.#added.get(key) : this.from.values.get(key);
  }

  /** What `get` yields, without counting as read; `undefined` when the key is not set. */
  peek(key: string): { readonly value: unknown } | undefined {
    for (const values of [this.#added, this.from.values])
      if (values?.has(key)) return { value: values.get(key) };
    return undefined;
  }

  /** What `get` yields, as it may be recorded. */
  shown(key: string): unknown {
    return this.#shownAdded?.has(key) ? this.#shownAdded.get(key) : this.from.shown.get(key);
  }

  /** @throws ContextMutationError when the key is set already. */
  add(key: string, value: unknown, where: string): unknown {
    if (this.#added?.has(key) || this.from.values.has(key)) throw new ContextMutationError(key, where);
    return this.#put(key, value);
  }

  /** What a treatment's function sets: it may replace a value of initialContext, like values do. */
  addByTreatment(key: string, value: unknown): void {
    if (this.#added?.has(key)) throw new ContextMutationError(key, `treatment '${this.condition}'`);
    this.#put(key, value);
    if (!this.from.expectsReads) return;
    this.#unread ??= new Set(this.from.toRead);
    this.#unread.add(key);
  }

  /** The whole context, for params that steps or the treatment's function have set. */
  context(): ReadonlyMap<string, unknown> {
    return this.#added ? new Map([...this.from.values, ...this.#added]) : this.from.values;
  }

  markRead(key: string): void {
    if (!this.#unread && this.from.toRead.has(key)) this.#unread = new Set(this.from.toRead);
    this.#unread?.delete(key);
  }

  markAllRead(keys: readonly string[]): void {
    for (const key of keys) this.markRead(key);
  }

  /** Keys that the treatment sets and this cell has not read until now; `undefined` when there are none. */
  get unread(): readonly string[] | undefined {
    const { size } = this.#unread ?? this.from.toRead;
    return size > 0 ? [...(this.#unread ?? this.from.toRead)] : undefined;
  }

  addArtifact(record: ArtifactRecord): void {
    this.artifacts = [...this.artifacts, record];
  }

  addInput(record: InputRecord): void {
    this.inputs = [...this.inputs, record];
  }

  #put(key: string, value: unknown): unknown {
    this.#added ??= new Map();
    this.#shownAdded ??= new Map();
    this.run.redactor.learnValue(key, value);
    // Redacted before it is cut, or a part of a secret could be left at the end.
    const small = typeof value === 'string' || isSecret(value) ? value : describe(value);
    const shown = shorten(this.run.redactor.value(small, key));
    this.#added.set(key, deepFreeze(reveal(value)));
    this.#shownAdded.set(key, shown);
    return shown;
  }
}

function shorten(value: unknown): unknown {
  return typeof value === 'string' && value.length > SHOWN_LENGTH
    ? `${value.slice(0, SHOWN_LENGTH)}…`
    : value;
}

/** What is recorded of a value that a step adds: small values as they are, others described. */
function describe(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return `[Array(${value.length})]`;
  if (isPlainObject(value)) return `[object with ${Object.keys(value).slice(0, 8).join(', ')}]`;
  return `[${value.constructor?.name ?? 'object'}]`;
}
