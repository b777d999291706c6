import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { InvalidArgumentError } from '../errors/invalid-argument-error.ts';
import { ExperimentNotRebuiltError, type WorkerDiedError } from '../errors/worker-errors.ts';
import type { ArtifactRecord, CellRecord, CellSpec, RunDescription } from '../plugin/records.ts';
import type { CellPool, CellPoolOptions, PooledCell, PooledCellOptions } from './cell-pool.ts';
import { descriptionToText } from './description-text.ts';
import { entryOf } from './entry-url.ts';
import { workerExecArgv } from './exec-argv.ts';
import { LanePace } from './lane-pace.ts';
import type { LaneTask } from './messages.ts';
import { WorkerLane } from './worker-lane.ts';

const NOTHING: readonly ArtifactRecord[] = Object.freeze([]);

/** Workers that die before they get to a cell, one after the other, until the pool gives up. */
const MOST_FAILED_STARTS = 3;

/** @internal The workers of one run: a lane each, which lives as long as the pool, whatever workers die in it. */
export class WorkerPool implements CellPool {
  readonly workers: number;
  readonly #description: RunDescription;
  readonly #options: CellPoolOptions;
  readonly #tinypool: Tinypool;
  readonly #task: Omit<LaneTask, 'port'>;
  readonly #lanes: WorkerLane[] = [];
  readonly #waiting: PooledCell[] = [];
  readonly #pace = new LanePace();
  #roomFor: PromiseWithResolvers<void> | undefined;
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  #failedStarts = 0;
  #failure: { readonly error: unknown } | undefined;
  #stopped = false;
  #closed = false;

  constructor(description: RunDescription, options: CellPoolOptions) {
    const {
      workers = availableParallelism(),
      runtime = 'worker_threads',
      onEvent,
      elsewhere = false,
    } = options;
    if (!(Number.isInteger(workers) && workers >= 1)) {
      throw new InvalidArgumentError(`workers is a whole number of at least 1, and was given as ${workers}.`);
    }
    this.workers = workers;
    this.#description = description;
    this.#options = options;
    this.#task = {
      description: descriptionToText(description),
      observed: onEvent !== undefined,
      elsewhere,
      argv: process.argv,
    };
    options.signal?.addEventListener('abort', () => this.#stop(), { once: true });
    const execArgv = workerExecArgv();
    this.#tinypool = new Tinypool({
      filename: fileURLToPath(entryOf(description, elsewhere)),
      name: 'serveLane',
      runtime,
      minThreads: workers,
      maxThreads: workers,
      env: process.env as Record<string, string>,
      serialization: 'advanced',
      ...(execArgv ? { execArgv } : {}),
    });
    // Of a worker that has no task yet: it could not even start. Otherwise its lane knows.
    this.#tinypool.on('error', (error: unknown) => {
      if (this.#tinypool.queueSize > 0) this.#lanes.findLast((lane) => lane.isStarting)?.startFailed(error);
    });
  }

  /** Resolves when one worker is ready: the others may still be on their way. */
  async open(): Promise<void> {
    for (let index = 0; index < this.workers; index++) {
      const lane = new WorkerLane(this.#tinypool, this.#task, this.#options, this.#description.timeout, {
        ready: () => {
          this.#failedStarts = 0;
          this.#ready.resolve();
          this.#dispatch();
        },
        ended: (duration) => {
          this.#pace.note(duration);
          this.#dispatch();
        },
        returned: (cells) => this.#takeBack(cells),
        over: (lost) => this.#restart(lane, lost),
        refused: (error) => this.#fail(error),
      });
      this.#lanes.push(lane);
      lane.start();
    }
    await this.#ready.promise;
  }

  room(): void | Promise<void> {
    if (this.#stopped || this.#failure || this.#waiting.length < this.#free()) return;
    this.#roomFor ??= Promise.withResolvers();
    return this.#roomFor.promise;
  }

  run(
    spec: CellSpec,
    { attempt, signal, isCurrent }: PooledCellOptions = {},
  ): Promise<CellRecord | undefined> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#stopped || signal?.aborted) return Promise.resolve(undefined);
    const { promise, resolve, reject } = Promise.withResolvers<CellRecord | undefined>();
    const cell: PooledCell = {
      spec,
      attempt: attempt ?? { number: 1, earlier: NOTHING },
      isCurrent,
      written: [],
      keeping: [],
      step: undefined,
      aborted: false,
      alone: false,
      watched: false,
      resolve,
      reject,
    };
    this.#waiting.push(cell);
    this.#dispatch();
    return signal ? this.#untilAborted(cell, promise, signal) : promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
    await this.#tinypool.destroy();
  }

  async #untilAborted(
    cell: PooledCell,
    running: Promise<CellRecord | undefined>,
    signal: AbortSignal,
  ): Promise<CellRecord | undefined> {
    const onAbort = () => {
      cell.aborted = true;
      const waiting = this.#waiting.indexOf(cell);
      if (waiting >= 0) this.#waiting.splice(waiting, 1);
      if (waiting >= 0) cell.resolve(undefined);
      else for (const lane of this.#lanes) lane.endIfRunning(cell, signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await running;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** No further cell starts. */
  #stop(): void {
    this.#stopped = true;
    for (const cell of this.#waiting.splice(0)) cell.resolve(undefined);
    this.#roomFor?.resolve();
  }

  /** How many cells more would get to run soon. */
  #free(): number {
    const depth = this.#pace.depth;
    return this.#lanes.reduce((sum, lane) => sum + lane.room(depth), 0);
  }

  /** Gives waiting cells to lanes, the emptiest first. */
  #dispatch(): void {
    const { depth, live } = this.#pace;
    const lanes = this.#lanes.filter((lane) => lane.isReady && lane.room(depth) > 0);
    while (this.#waiting[0]?.alone) {
      const idle = lanes.findIndex((lane) => lane.load === 0);
      if (idle < 0) return;
      lanes.splice(idle, 1)[0]?.give(this.#waiting.splice(0, 1), true);
    }
    while (this.#waiting.length > 0 && lanes.length > 0) {
      // Shared out evenly: the last cells must not all lie with one worker.
      const share = Math.max(1, Math.floor(this.#waiting.length / lanes.length));
      const lane = lanes.shift() as WorkerLane;
      lane.give(this.#waiting.splice(0, Math.min(share, depth - lane.load)), live);
    }
    if (this.#roomFor && this.#waiting.length < this.#free()) {
      this.#roomFor.resolve();
      this.#roomFor = undefined;
    }
  }

  /** A worker has died: another takes its place, as long as some get to run cells. */
  #restart(lane: WorkerLane, lost: { readonly beforeReady: boolean; readonly error: WorkerDiedError }): void {
    if (this.#closed || this.#failure) return;
    if (lost.beforeReady) this.#failedStarts++;
    if (this.#failedStarts >= MOST_FAILED_STARTS) this.#fail(this.#neverReady(lost.error));
    else lane.start();
    this.#dispatch();
  }

  /** Cells of a worker that is gone. */
  #takeBack(cells: readonly PooledCell[]): void {
    for (const cell of cells) {
      if (this.#failure) cell.reject(this.#failure.error);
      else if (this.#stopped) cell.resolve(undefined);
    }
    if (this.#failure || this.#stopped) return;
    this.#waiting.unshift(...cells);
    this.#waiting.sort((one, other) => Number(other.alone) - Number(one.alone));
  }

  #neverReady(error: WorkerDiedError): Error {
    return new ExperimentNotRebuiltError(
      this.#description.experiment.directory,
      `the worker ended before it had made it, ${MOST_FAILED_STARTS} times in a row: ${error.reason}.`,
      { cause: error },
    );
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ready.reject(error);
    for (const cell of this.#waiting.splice(0)) cell.reject(error);
    this.#roomFor?.resolve();
  }
}
