import type { Tinypool } from 'tinypool';
import { PENDING } from '../calls/past-call.ts';
import { CellTimeoutError } from '../errors/run-errors.ts';
import type { WorkerDiedError } from '../errors/worker-errors.ts';
import { asError, recordError, reviveError } from '../plugin/error-record.ts';
import type { CellPoolOptions, PooledCell } from './cell-pool.ts';
import { eventFromText } from './event-text.ts';
import { failedRecord } from './failed-record.ts';
import { LaneCells } from './lane-cells.ts';
import { type LaneLink, laneLink } from './lane-link.ts';
import type { FromWorker, LaneTask, Question } from './messages.ts';
import { WorkerEnd } from './worker-end.ts';

/** How long after its timeout a cell is waited for, before its worker is ended: it may be busy ending it itself. */
const LATE_MS = 1000;

/** How long a worker gets to end on its own, when its cells don't matter any more. */
const CLOSE_MS = 800;

/** @internal What a lane tells its pool. */
export interface LaneEvents {
  ready(): void;
  /** Cells have ended. @param duration - Milliseconds that each took. */
  ended(duration: number): void;
  /** Cells that another lane has to run: their worker is gone before it got to them. */
  returned(cells: readonly PooledCell[]): void;
  /** The worker is gone. */
  over(lost: { readonly beforeReady: boolean; readonly error: WorkerDiedError }): void;
  /** The worker can't run the experiment. */
  refused(error: unknown): void;
}

/** @internal One worker after the other, for cells one after the other. */
export class WorkerLane {
  readonly #tinypool: Tinypool;
  readonly #task: Omit<LaneTask, 'port'>;
  readonly #options: CellPoolOptions;
  readonly #timeout: number | undefined;
  readonly #events: LaneEvents;
  readonly #cells: LaneCells;
  #state: 'starting' | 'ready' | 'ending' | 'over' = 'over';
  #link: LaneLink | undefined;
  #end = new WorkerEnd();
  #kill = new AbortController();
  #task$: Promise<void> = Promise.resolve();
  #headSince = 0;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(
    tinypool: Tinypool,
    task: Omit<LaneTask, 'port'>,
    options: CellPoolOptions,
    timeout: number | undefined,
    events: LaneEvents,
  ) {
    this.#tinypool = tinypool;
    this.#task = task;
    this.#options = options;
    this.#cells = new LaneCells(options);
    this.#timeout = timeout;
    this.#events = events;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  get isStarting(): boolean {
    return this.#state === 'starting';
  }

  /** No worker could be started for it. */
  startFailed(error: unknown): void {
    this.#end.rejected(error);
    this.#kill.abort();
  }

  /** How many cells its worker has. */
  get load(): number {
    return this.#cells.size;
  }

  /** How many more it may get, of `depth` in all. */
  room(depth: number): number {
    return this.#cells.head?.alone ? 0 : Math.max(0, depth - this.#cells.size);
  }

  /** Has a worker begin. */
  start(): void {
    this.#state = 'starting';
    this.#cells.begin();
    const kill = new AbortController();
    this.#kill = kill;
    const end = new WorkerEnd();
    this.#end = end;
    const link = laneLink(this.#options.runtime ?? 'worker_threads', {
      message: (message) => {
        if (end === this.#end) this.#take(message);
      },
      gone: () => end.noticeGone(() => kill.abort()),
    });
    this.#link = link;
    const task: LaneTask = link.port ? { ...this.#task, port: link.port } : this.#task;
    const running = this.#tinypool.run(task, { ...link.options, signal: kill.signal });
    this.#task$ = running.then(
      () => link.drained.then(() => this.#over(link)),
      (error: unknown) => {
        end.rejected(error);
        this.#over(link);
      },
    );
  }

  give(cells: readonly PooledCell[], live: boolean): void {
    const wasIdle = this.#cells.size === 0;
    const sent = this.#cells.add(cells, live);
    this.#link?.post({ type: 'cells', cells: sent, live });
    if (wasIdle) this.#watchHead();
  }

  /** Ends the worker's run when it has this cell; another worker will run what else it had. */
  endIfRunning(cell: PooledCell, reason: unknown): void {
    if (this.#state !== 'ready' || !this.#cells.has(cell)) return;
    this.#state = 'ending';
    this.#link?.post({ type: 'end', reason: recordError(asError(reason)) });
    this.#link?.post({ type: 'close' });
    this.#killAfter(CLOSE_MS);
  }

  /** Lets the worker tear its steps down, and ends it. */
  async close(): Promise<void> {
    const busy = this.#cells.size > 0;
    this.#cells.abort();
    if (this.#state === 'starting') this.#kill.abort();
    if (this.#state === 'ready') this.#link?.post({ type: 'close' });
    this.#state = this.#state === 'over' ? 'over' : 'ending';
    if (busy) this.#killAfter(CLOSE_MS);
    await this.#task$;
  }

  #killAfter(ms: number): void {
    const kill = this.#kill;
    const timer = setTimeout(() => kill.abort(), ms);
    void this.#task$.finally(() => clearTimeout(timer));
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#state = 'ready';
        this.#events.ready();
        break;
      case 'ended':
        this.#takeEnded(message.cells);
        break;
      case 'events':
        for (const text of message.events) this.#options.onEvent?.(eventFromText(text));
        break;
      case 'warning':
        this.#options.onWarning?.(message.message);
        break;
      case 'step':
        if (this.#cells.head) this.#cells.head.step = message.step;
        break;
      case 'wrote':
        this.#cells.wrote(message.target, message.artifact, message.bytes);
        break;
      case 'failed':
        this.#giveUp(message.cell, reviveError(message.error));
        break;
      case 'refused':
        this.#state = 'ending';
        this.#events.refused(reviveError(message.error));
        break;
      case 'ask':
        this.#answer(message.id, message.question);
        break;
      case 'exit':
      case 'crash':
        this.#end.told(message);
    }
  }

  #giveUp(id: number, error: Error): void {
    const cell = this.#cells.get(id);
    if (!cell) return;
    cell.aborted = true;
    cell.reject(error);
  }

  #takeEnded(ended: Extract<FromWorker, { type: 'ended' }>['cells']): void {
    const took = performance.now() - this.#headSince;
    this.#cells.end(ended);
    this.#watchHead();
    this.#events.ended(took / ended.length);
  }

  #answer(id: number, question: Question): void {
    const link = this.#link;
    const answering =
      question.about === 'current'
        ? this.#cells.get(question.cell)?.isCurrent?.().then(String)
        : (this.#options.pastCall?.(question.call) ?? Promise.resolve(PENDING));
    answering?.then(
      (text) => link?.post({ type: 'answer', id, text }),
      // Who can't be asked has not said that the try still counts.
      () => link?.post({ type: 'answer', id, text: question.about === 'current' ? 'false' : PENDING }),
    );
  }

  /** A cell has come to be the one under way. */
  #watchHead(): void {
    clearTimeout(this.#watchdog);
    this.#headSince = performance.now();
    if (this.#timeout === undefined || !this.#cells.head) return;
    const timeout = this.#timeout;
    this.#watchdog = setTimeout(() => {
      this.#end.because(new CellTimeoutError(timeout, 'Its worker did not answer any more, and was ended.'));
      this.#kill.abort();
    }, timeout + LATE_MS);
  }

  /** The worker's task has ended, in whatever way. */
  #over(link: LaneLink): void {
    clearTimeout(this.#watchdog);
    this.#end.over();
    const wasEnding = this.#state === 'ending';
    const beforeReady = this.#state === 'starting';
    this.#state = 'over';
    link.close();
    const { lastWords } = this.#end;
    const known = lastWords ? this.#cells.get(lastWords.cell ?? -1) : this.#watchedHead;
    const failed = wasEnding ? undefined : known;
    const left: PooledCell[] = [];
    for (const cell of this.#cells.clear()) {
      if (cell.aborted) cell.resolve(undefined);
      else if (cell === failed) this.#fail(cell, lastWords?.step ?? cell.step);
      else left.push(cell);
    }
    for (const cell of left) runAgain(cell, lastWords === undefined);
    const error = this.#end.lost(undefined);
    if (!failed && lastWords && !beforeReady) this.#options.onWarning?.(unexpected(error, wasEnding));
    this.#events.returned(left);
    this.#events.over({ beforeReady, error });
  }

  get #watchedHead(): PooledCell | undefined {
    return this.#cells.head?.watched ? this.#cells.head : undefined;
  }

  #fail(cell: PooledCell, step: string | undefined): void {
    cell.step = step;
    cell.resolve(failedRecord(cell, this.#end.error(step), performance.now() - this.#headSince));
  }
}

/** @param alone - Whether it may be the one that has ended its worker. */
function runAgain(cell: PooledCell, alone: boolean): void {
  cell.alone ||= alone;
  const { number, earlier } = cell.attempt;
  cell.attempt = { number, earlier: [...earlier, ...cell.written.splice(0)] };
}

function unexpected({ reason }: WorkerDiedError, wasEnding: boolean): string {
  return wasEnding
    ? `A worker ended before it had torn its steps down: ${reason}.`
    : `A worker ended between two cells, and another has taken its place: ${reason}.`;
}
