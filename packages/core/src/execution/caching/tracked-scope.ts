import type { KeyUse } from '../../cache/cached-step.ts';
import { type ContextRead, readName, valueOfRead } from '../../cache/context-reads.ts';
import type { Rng } from '../../context/rng.ts';
import type { ArtifactRecord, MetricRecord } from '../../plugin/records.ts';
import type { Cell } from '../cell.ts';
import { StepScope } from '../step-scope.ts';

/** @internal One thing that was read, and what the cell had there. */
export interface NotedRead {
  readonly read: ContextRead;
  readonly value: string;
}

/** @internal A scope that notes all that its step finds out and does, so that the cache can do it again. */
export class TrackedScope extends StepScope {
  readonly uses: KeyUse[] = [];
  readonly #reads = new Map<string, NotedRead>();
  readonly #added = new Set<string>();
  readonly #used = new Set<string>();
  readonly #firstMetric: number;
  readonly #firstArtifact: number;
  #incomparable: unknown;

  constructor(cell: Cell, step: string) {
    super(cell, step);
    this.#firstMetric = cell.metrics.length;
    this.#firstArtifact = cell.artifacts.length;
  }

  /**
   * Everything that was read from the cell.
   * @throws UnsupportedValueError when something among it can't be compared.
   */
  noted(): readonly NotedRead[] {
    if (this.#incomparable) throw this.#incomparable;
    return [...this.#reads.values()];
  }

  /** What the step has recorded: steps of one cell run one after the other. */
  get recorded(): readonly MetricRecord[] {
    return this.cell.metrics.slice(this.#firstMetric);
  }

  get stored(): readonly ArtifactRecord[] {
    return this.cell.artifacts.slice(this.#firstArtifact);
  }

  override get replicate(): number {
    this.#note(['replicate']);
    return super.replicate;
  }

  override get condition(): string {
    this.#note(['condition']);
    return super.condition;
  }

  override get seed(): number {
    this.#note(['seed']);
    return super.seed;
  }

  override get rng(): Rng {
    this.#note(['seed']);
    return super.rng;
  }

  override get<T = unknown>(key: string): T | undefined {
    this.#noteKey('get', key);
    return super.get(key);
  }

  override has(key: string): boolean {
    this.#noteKey('has', key);
    return super.has(key);
  }

  override add(key: string, value: unknown): void {
    // Whether it is free, the step finds out as well.
    if (!this.#added.has(key)) this.#note(['has', key]);
    super.add(key, value);
    this.#added.add(key);
    this.uses.push(['add', key, value]);
  }

  #noteKey(kind: 'get' | 'has', key: string): void {
    // What the step has set itself follows from the rest.
    if (!this.#added.has(key)) this.#note([kind, key]);
    // Only the first counts for provenance.
    if (this.#used.has(key)) return;
    this.#used.add(key);
    this.uses.push([kind, key]);
  }

  /** At once: what is there may change later, as a Map can. */
  #note(read: ContextRead): void {
    const name = readName(read);
    if (this.#reads.has(name)) return;
    let value = '';
    try {
      value = valueOfRead(read, this.cell);
    } catch (error) {
      this.#incomparable ??= error;
    }
    this.#reads.set(name, { read, value });
  }
}
