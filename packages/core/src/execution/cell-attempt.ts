import { recordCellError } from '../plugin/error-record.ts';
import { isPromise } from '../plugin/is-promise.ts';
import { callOrWarn, inTurn } from '../plugin/plugin-hooks.ts';
import type { AttemptSpec, CellRecord, CellSpec, ErrorRecord } from '../plugin/records.ts';
import { Cell } from './cell.ts';
import type { CellRunnerParts, CellSpecials } from './cell-runner.ts';
import { CellTimer } from './cell-timer.ts';
import { CellWorkflow } from './cell-workflow.ts';
import type { Condition } from './condition.ts';
import type { StepResources } from './step-resources.ts';

/** @internal A record, or nothing when the run ended before the cell did. */
export type AttemptOutcome = CellRecord | undefined;

/** @internal One try of one cell, from its first hook to its record. */
export class CellAttempt {
  /** What was thrown, when the try failed. */
  thrown: unknown;
  readonly #parts: CellRunnerParts;
  readonly #spec: CellSpec;
  readonly #which: AttemptSpec;
  readonly #timer: CellTimer | undefined;
  readonly #cell: Cell;
  readonly #work: CellWorkflow;
  readonly #start: number;

  constructor(parts: CellRunnerParts, resources: StepResources, spec: CellSpec, which: AttemptSpec) {
    const { run, conditions, sink, timeout } = parts;
    this.#parts = parts;
    this.#spec = spec;
    this.#which = which;
    this.#timer = timeout === undefined ? undefined : new CellTimer(timeout, run.signal);
    const condition = conditions.get(spec.condition) as Condition;
    this.#cell = new Cell(run, spec, condition, sink, this.#timer, which);
    this.#start = this.#cell.clock;
    this.#work = new CellWorkflow(parts, resources, this.#cell);
  }

  /** A promise only where something has to be waited for: most small cells are done at once. */
  run(special: CellSpecials): AttemptOutcome | Promise<AttemptOutcome> {
    const { run, hooks } = this.#parts;
    if (run.observed && this.#which.number === 1) run.emit({ type: 'cell:start', cell: this.#spec });
    if (special.isCurrent) this.#cell.isCurrent = special.isCurrent;
    if (this.#timer) return this.#runTimed(this.#timer, special);
    if (!hooks.aroundCells) return this.#runPlain(special);
    const opening = this.#open();
    const outcome = opening ? opening.then(() => this.#runPlain(special)) : this.#runPlain(special);
    return isPromise(outcome) ? outcome.then((record) => this.#close(record)) : this.#close(outcome);
  }

  #runPlain(special: CellSpecials): AttemptOutcome | Promise<AttemptOutcome> {
    try {
      const output = this.#work.run(special.data);
      if (isPromise(output)) return this.#finish(output, special);
      special.onOutput?.(output);
    } catch (thrown) {
      return this.#fail(thrown);
    }
    return this.#record(undefined);
  }

  async #runTimed(timer: CellTimer, special: CellSpecials): Promise<AttemptOutcome> {
    await this.#open();
    return this.#close(await this.#finish(timer.race(this.#runAsync(special.data)), special));
  }

  #open(): void | Promise<void> {
    const { run, hooks } = this.#parts;
    return inTurn(hooks.beforeCell, (plugin) =>
      callOrWarn(run, plugin, 'beforeCell', () => plugin.beforeCell?.(this.#cell)),
    );
  }

  #close(record: AttemptOutcome): AttemptOutcome | Promise<AttemptOutcome> {
    if (!record) return undefined;
    const { run, hooks } = this.#parts;
    const closing = inTurn(hooks.afterCell, (plugin) =>
      callOrWarn(run, plugin, 'afterCell', () => plugin.afterCell?.(this.#cell, record)),
    );
    return closing ? closing.then(() => record) : record;
  }

  async #runAsync(data: CellSpecials['data']): Promise<unknown> {
    return this.#work.run(data);
  }

  async #finish(working: PromiseLike<unknown>, special: CellSpecials): Promise<AttemptOutcome> {
    try {
      const output = await working;
      special.onOutput?.(output);
    } catch (thrown) {
      return this.#fail(thrown);
    } finally {
      this.#timer?.clear();
    }
    return this.#record(undefined);
  }

  async #fail(thrown: unknown): Promise<AttemptOutcome> {
    const { run } = this.#parts;
    this.thrown = thrown;
    this.#cell.readClock();
    await this.#work.abandon(thrown);
    // A cell that fails while the run is being ended most likely fails because of that.
    if (run.ending.aborted) return undefined;
    return this.#record(recordCellError(thrown, (text) => run.redactor.text(text)));
  }

  #record(error: ErrorRecord | undefined): CellRecord {
    const { replicate, condition, seed } = this.#spec;
    const { metrics, artifacts, steps, inputs, unread } = this.#cell;
    const done: CellRecord = {
      replicate,
      condition,
      seed,
      status: 'done',
      metrics,
      artifacts,
      steps,
      inputs,
      startedAt: performance.timeOrigin + this.#start,
      duration: this.#cell.clock - this.#start,
      attempts: this.#which.number,
    };
    // Spread only where it is needed: it costs more than all the rest of the record.
    const told = unread ? { ...done, unread } : done;
    return error ? { ...told, status: 'failed', error, failedStep: this.#work.at } : told;
  }
}
