import type { CellSpec, ExperimentInfo, RunEvent } from '@crystallize/core';

/** A cell that is under way. */
export interface CellUnderWay {
  readonly cell: CellSpec;
  /** Absent while its datasource is fetched. */
  readonly step?: string;
}

/** How far the run of one experiment has come. Times are milliseconds of one clock. */
export interface RunProgress {
  /** Name of the experiment, or its id. */
  readonly name: string;
  /** `waiting` until it starts: in a graph, for what it reads from. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'aborted';
  readonly cells: number;
  readonly restored: number;
  /** Cells that have ended and are safe, failed and restored ones included. */
  readonly ended: number;
  readonly failed: number;
  readonly replicates: number;
  readonly conditions: readonly string[];
  readonly seed: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly underWay: ReadonlyMap<string, CellUnderWay>;
  readonly version: number | undefined;
  readonly dir: string | undefined;
}

/** A run that has not started. */
export function waitingRun(name: string): RunProgress {
  return {
    name,
    state: 'waiting',
    cells: 0,
    restored: 0,
    ended: 0,
    failed: 0,
    replicates: 0,
    conditions: [],
    seed: undefined,
    startedAt: undefined,
    endedAt: undefined,
    underWay: new Map(),
    version: undefined,
    dir: undefined,
  };
}

/** What an event makes of a run's progress. */
export function advance(run: RunProgress, event: RunEvent, now: number): RunProgress {
  switch (event.type) {
    case 'run:start': {
      const { cells, restored, replicates, conditions, seed, version, dir } = event;
      const start = { ...waitingRun(run.name), cells, restored, replicates, conditions, seed, version, dir };
      return { ...start, state: 'running', ended: restored, startedAt: now };
    }
    case 'cell:start':
      return { ...run, underWay: withCell(run.underWay, { cell: event.cell }) };
    case 'step:start':
      // From a worker it may come only after the cell has ended: it was given up, or died.
      if (!run.underWay.has(keyOf(event.cell))) return run;
      return { ...run, underWay: withCell(run.underWay, { cell: event.cell, step: event.step }) };
    case 'cell:end': {
      const underWay = new Map(run.underWay);
      underWay.delete(keyOf(event.cell));
      const failed = run.failed + (event.cell.status === 'failed' ? 1 : 0);
      return { ...run, underWay, failed, ended: event.ended, cells: event.cells };
    }
    case 'run:end':
      return { ...run, state: event.status, endedAt: now, underWay: new Map(), dir: event.dir ?? run.dir };
    default:
      return run;
  }
}

/** The progress of every experiment of a command, in the order in which they can run. */
export class Progress {
  readonly #runs: Map<string, RunProgress>;

  constructor(names: readonly string[]) {
    this.#runs = new Map(names.map((name) => [name, waitingRun(name)]));
  }

  get runs(): readonly RunProgress[] {
    return [...this.#runs.values()];
  }

  of(name: string): RunProgress {
    return this.#runs.get(name) ?? waitingRun(name);
  }

  /** Takes an event in, and gives what it has made of the run's progress. */
  take(event: RunEvent, experiment: ExperimentInfo, now: number): RunProgress {
    const name = experiment.directory;
    const run = advance(this.of(name), event, now);
    this.#runs.set(name, run);
    return run;
  }
}

/** Cells per second that have run until now; `undefined` before the first has ended. */
export function cellRate(run: RunProgress, now: number): number | undefined {
  const executed = run.ended - run.restored;
  if (run.startedAt === undefined || executed <= 0) return undefined;
  const elapsed = Math.max(1, (run.endedAt ?? now) - run.startedAt);
  return (executed / elapsed) * 1000;
}

/** Milliseconds until the last cell ends, if they go on as they did; `undefined` where nobody can tell. */
export function remainingTime(run: RunProgress, now: number): number | undefined {
  const perSecond = cellRate(run, now);
  return perSecond === undefined ? undefined : ((run.cells - run.ended) / perSecond) * 1000;
}

function withCell(
  cells: ReadonlyMap<string, CellUnderWay>,
  entry: CellUnderWay,
): ReadonlyMap<string, CellUnderWay> {
  return new Map(cells).set(keyOf(entry.cell), entry);
}

function keyOf({ replicate, condition }: CellSpec): string {
  return `${replicate}/${condition}`;
}
