import { isDeepStrictEqual } from 'node:util';
import { fsStore, openRuns } from '@crystallize/artifacts';
import { expect } from 'vitest';
import { crashImage } from './crash-image.ts';
import { crashStatesAt } from './crash-states.ts';
import { promisesAt } from './crash-trial.ts';
import { cellName } from './flow.ts';
import { diskRoot, MemoryDisk } from './memory-disk.ts';
import { probe } from './probe-experiment.ts';
import { RecordingFileSystem } from './recording-file-system.ts';
import { storeRoot } from './recovery.ts';
import type { Moment } from './store-under-test.ts';
import { checkVerified } from './verification.ts';

/** How a run is asked for. */
export interface RunRequest {
  readonly strategy: 'rerun' | 'resume';
  readonly replicates: number;
  readonly factor: number;
  /** Cells that fail. */
  readonly broken: readonly string[];
  /** After how many cells the user stops it; `undefined`: never. */
  readonly stopAfter: number | undefined;
}

/** A cell as the model knows it. */
export interface ModelCell {
  readonly status: 'done' | 'failed';
  /** Of a cell that is done. */
  readonly weight: number;
  /** What the treatment was when it ran. */
  readonly factor: number;
}

/** What is stored, by version. */
export type RunModel = Map<number, Map<string, ModelCell>>;

/** The stored runs of one disk. */
export class RunsUnderTest {
  #recorder = new RecordingFileSystem(diskRoot, { base: new MemoryDisk() });

  /** Runs, and compares all that comes of it with what the model says. */
  async run(model: RunModel, request: RunRequest): Promise<void> {
    const plan = planOf(model, request);
    const { ended, executed, result } = await this.#start(request);
    // A cell may begin while the one before is being stored; what has begun comes to its end.
    const least = Math.min(request.stopAfter ?? plan.missing.length, plan.missing.length);
    expect(executed.length, 'cells that ran').toBeGreaterThanOrEqual(least);
    expect(executed, 'cells that ran').toEqual(plan.missing.slice(0, executed.length));
    expect(ended, 'cells that ended').toEqual(executed);
    const version = plan.version ?? (await this.#newest());
    if (plan.version === undefined)
      expect(version, 'the new version').toBeGreaterThan(Math.max(-1, ...model.keys()));
    const cells = new Map(plan.kept);
    for (const cell of ended) cells.set(cell, cellOf(cell, request));
    if (cells.size > 0) model.set(version, cells);
    else model.delete(version);
    if (request.stopAfter === undefined) expect(result, 'the result').toBeDefined();
    if (result) {
      expect(result.version).toBe(version);
      const rows = result.rows().filter(({ metric }) => metric === 'weight');
      const values = Object.fromEntries(rows.map((row) => [cellName(row), row.value]));
      const asked = cellsOf(request).filter((cell) => cells.get(cell)?.status === 'done');
      expect(values, 'the result').toEqual(
        Object.fromEntries(asked.map((cell) => [cell, cells.get(cell)?.weight])),
      );
    }
    await this.compare(model);
  }

  /** Lets the power fail during a run, and learns which cells survived: those that were told, at least. */
  async crash(model: RunModel, request: RunRequest, { progress, seed }: Moment): Promise<void> {
    const plan = planOf(model, request);
    const begun = this.#recorder.journal.events.length;
    await this.#start(request);
    const { journal } = this.#recorder;
    const point = begun + Math.round(progress * (journal.events.length - begun));
    const states = [...crashStatesAt(journal, point, { subsets: 4, singles: 4, seed })];
    const disk = crashImage(journal, point, states[seed % states.length]?.fateOf ?? (() => 'kept'));
    const promised = promisesAt({ ...journal, events: journal.events.slice(begun) }, point - begun);
    this.#recorder = new RecordingFileSystem(diskRoot, { base: disk });
    const found = await this.#found();
    for (const version of new Set([...model.keys(), ...found.keys()])) {
      const old = model.get(version) ?? new Map<string, ModelCell>();
      const isWritten = version === plan.version || (plan.version === undefined && !model.has(version));
      const now = found.get(version) ?? new Map<string, ModelCell>();
      if (!isWritten) expect(now, `v${version}, which was not written`).toEqual(old);
      else this.#learn(old, now, plan, request, promised.cells);
      if (now.size > 0) model.set(version, now);
      else model.delete(version);
    }
    if (promised.cells.size > 0 && plan.version === undefined)
      expect(found.size, 'versions').toBeGreaterThan(0);
  }

  /** What is stored is what the model says. */
  async compare(model: RunModel): Promise<void> {
    expect(await this.#found()).toEqual(model);
    await checkVerified(fsStore(storeRoot, { fs: this.#recorder.fs }));
  }

  #learn(
    old: ReadonlyMap<string, ModelCell>,
    now: ReadonlyMap<string, ModelCell>,
    plan: RunPlan,
    request: RunRequest,
    promised: ReadonlyMap<string, string>,
  ): void {
    for (const [cell, kept] of plan.kept) expect(now.get(cell), `${cell}, which was kept`).toEqual(kept);
    for (const cell of promised.keys())
      expect(now.get(cell), `${cell}, which was told`).toEqual(cellOf(cell, request));
    for (const [cell, one] of now) {
      const possible = [old.get(cell), plan.missing.includes(cell) ? cellOf(cell, request) : undefined];
      if (!possible.some((known) => isDeepStrictEqual(known, one)))
        expect(one, `${cell}, which is neither old nor new`).toEqual(possible);
    }
  }

  async #start(request: RunRequest) {
    const executed: string[] = [];
    const ended: string[] = [];
    const stop = new AbortController();
    const experiment = probe({
      store: fsStore(storeRoot, { fs: this.#recorder.fs }),
      versioned: true,
      replicates: request.replicates,
      factor: request.factor,
      broken: request.broken,
      onExecute: (cell) => executed.push(cell),
    });
    const running = experiment.run({
      strategy: request.strategy,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'run:start' && request.stopAfter === 0) stop.abort(stopped);
        if (event.type !== 'cell:end') return;
        this.#recorder.promise(`${event.cell.status} ${cellName(event.cell)}`);
        if (ended.push(cellName(event.cell)) === request.stopAfter) stop.abort(stopped);
      },
    });
    const result = await running.catch((error: unknown) => {
      if (error !== stopped) throw error;
      return undefined;
    });
    return { executed, ended, result };
  }

  async #newest(): Promise<number> {
    const store = fsStore(storeRoot, { fs: this.#recorder.fs });
    return (await openRuns({ store }).experiment('probe').versions()).at(-1)?.version ?? -1;
  }

  async #found(): Promise<RunModel> {
    const store = fsStore(storeRoot, { fs: this.#recorder.fs });
    const found: RunModel = new Map();
    for (const version of await openRuns({ store }).experiment('probe').versions()) {
      const cells = new Map<string, ModelCell>();
      for (const record of await version.cells()) {
        const weight = record.metrics.find(({ metric }) => metric === 'weight')?.value;
        const factor = record.condition === 'scaled' ? Number(weight) / (record.replicate + 1) : 1;
        const status = record.status === 'done' ? 'done' : 'failed';
        cells.set(cellName(record), { status, weight: Number(weight), factor });
      }
      for (const artifact of await version.artifacts()) await artifact.bytes();
      if (cells.size > 0) found.set(version.version, cells);
    }
    return found;
  }
}

const stopped = new Error('The user wants no more cells.');

interface RunPlan {
  /** The version that goes on; `undefined` for a new one. */
  readonly version: number | undefined;
  /** Cells that are there, in whatever version goes on, and are not run. */
  readonly kept: ReadonlyMap<string, ModelCell>;
  /** Cells that run, in order. */
  readonly missing: readonly string[];
}

/** What a run is to do, by the rules that users are told. */
function planOf(model: RunModel, request: RunRequest): RunPlan {
  const asked = cellsOf(request);
  if (request.strategy === 'rerun') return { version: undefined, kept: new Map(), missing: asked };
  const versions = [...model].sort(([a], [b]) => b - a);
  const holds = (status: string) =>
    versions.find(([, cells]) => [...cells.values()].some((one) => one.status === status));
  const [version, cells] = holds('done') ?? holds('failed') ?? [undefined, new Map<string, ModelCell>()];
  // What another treatment of that name has given counts no more, also where it is not asked for.
  const counts = (cell: string, known: ModelCell) =>
    !cell.endsWith('scaled') || known.factor === request.factor;
  const missing = asked.filter((cell) => {
    const known = cells.get(cell);
    return known?.status !== 'done' || !counts(cell, known);
  });
  const kept = new Map([...cells].filter(([cell, known]) => !missing.includes(cell) && counts(cell, known)));
  return { version, kept, missing };
}

function cellsOf({ replicates }: RunRequest): string[] {
  return Array.from({ length: replicates }, (_, replicate) => [
    `${replicate} baseline`,
    `${replicate} scaled`,
  ]).flat();
}

function cellOf(cell: string, { factor, broken }: RunRequest): ModelCell {
  const scale = cell.endsWith('scaled') ? factor : 1;
  const weight = (Number.parseInt(cell, 10) + 1) * scale;
  return { status: broken.includes(cell) ? 'failed' : 'done', weight, factor: scale };
}
