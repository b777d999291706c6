import type { ArtifactPlugin } from '@crystallize/artifacts';
import type {
  ArtifactBody,
  ArtifactRecord,
  ArtifactSink,
  CellHandle,
  CellRecord,
  CellSpec,
  RunHandle,
  StateKey,
} from '@crystallize/core';

/** What the plugin hands to workers. */
export type Shared = Awaited<ReturnType<ArtifactPlugin['beforeRun']>>;

/** The plugin as a worker has it: with a handle of its own, all else crossing as plain data. */
export class WorkerHalf {
  readonly sink: ArtifactSink;
  readonly #plugin: ArtifactPlugin;
  readonly #run: RunHandle;

  private constructor(plugin: ArtifactPlugin, run: RunHandle) {
    this.#plugin = plugin;
    this.#run = run;
    this.sink = plugin.artifacts(run);
  }

  static async join(plugin: ArtifactPlugin, shared: Shared): Promise<WorkerHalf> {
    const run = workerHandle();
    await plugin.init(run, structuredClone(shared));
    return new WorkerHalf(plugin, run);
  }

  /** Begins an attempt at a cell, as core does. */
  begin(spec: CellSpec, changes: Partial<Pick<CellHandle, 'attempt' | 'isCurrent'>> = {}): CellHandle {
    const attempt = { number: 1, earlier: [] };
    const cell = { ...spec, run: this.#run, attempt, signal: new AbortController().signal, ...changes };
    this.#plugin.beforeCell(cell);
    return cell;
  }

  /** Writes an artifact of the step `scale`. */
  write({ replicate, condition }: CellSpec, name: string, body: ArtifactBody): Promise<ArtifactRecord> {
    return this.sink.write({ replicate, condition, step: 'scale', name }, body);
  }

  /** Ends it; the record crosses back. */
  async end(cell: CellHandle, artifacts: readonly ArtifactRecord[]): Promise<CellRecord> {
    const { replicate, condition, seed, attempt } = cell;
    const record: CellRecord = {
      replicate,
      condition,
      seed,
      status: 'done',
      metrics: [],
      artifacts,
      steps: [],
      inputs: [],
      startedAt: 0,
      duration: 1,
      attempts: attempt.number,
    };
    await this.#plugin.afterCell(cell, record);
    return structuredClone(record);
  }
}

function workerHandle(): RunHandle {
  const state = new Map<symbol, unknown>();
  const handle = {
    role: 'worker',
    set: <T>(key: StateKey<T>, value: T) => void state.set(key.id, value),
    get: <T>(key: StateKey<T>) => state.get(key.id) as T,
    has: (key: StateKey<unknown>) => state.has(key.id),
  };
  return handle as unknown as RunHandle;
}
