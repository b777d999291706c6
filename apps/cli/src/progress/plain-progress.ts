import { count, grouped } from '../text/count.ts';
import { duration } from '../text/duration.ts';
import { plainLine } from '../text/plain-text.ts';
import { type RunProgress, remainingTime } from './run-progress.ts';

/** Lines come at each of this many steps of a run … */
const STEPS = 10;
/** … but not sooner than this after the one before, … */
const SHORTEST_MS = 2000;
/** … and at least this often, where any cell has ended since. */
const LONGEST_MS = 30_000;

/** Decides when a run's progress is worth a line in a log, however many cells it has. */
export class PlainProgress {
  readonly #told = new Map<string, { readonly ended: number; readonly at: number }>();

  /** The line for what has just changed; `undefined` for most changes. */
  line(run: RunProgress, change: 'run:start' | 'cell:end' | 'run:end', now: number): string | undefined {
    if (change === 'run:start') {
      this.#tell(run, now);
      return startLine(run);
    }
    if (change === 'run:end') return undefined;
    const last = this.#told.get(run.name) ?? { ended: 0, at: now };
    const step = run.cells / STEPS;
    const passed = Math.floor(run.ended / step) > Math.floor(last.ended / step);
    const waited = now - last.at;
    if (!(passed && waited >= SHORTEST_MS) && waited < LONGEST_MS) return undefined;
    if (run.ended === run.cells) return undefined;
    this.#tell(run, now);
    return progressLine(run, now);
  }

  #tell({ name, ended }: RunProgress, at: number): void {
    this.#told.set(name, { ended, at });
  }
}

function startLine({ name, cells, restored, replicates, conditions, seed }: RunProgress): string {
  const shape = `${count(conditions.length, 'condition')} × ${count(replicates, 'replicate')}`;
  const again = restored > 0 ? `, ${grouped(restored)} of them restored` : '';
  return `${plainLine(name)}: ${count(cells, 'cell')} (${shape})${again}, seed ${seed}`;
}

function progressLine(run: RunProgress, now: number): string {
  const failed = run.failed > 0 ? `, ${grouped(run.failed)} failed` : '';
  const left = remainingTime(run, now);
  const soon = left === undefined ? '' : `, ${duration(left)} left`;
  return `${plainLine(run.name)}: ${grouped(run.ended)} of ${count(run.cells, 'cell')}${failed}${soon}`;
}
