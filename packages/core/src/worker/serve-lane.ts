import { setImmediate as turn } from 'node:timers/promises';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { asError, recordError, reviveError } from '../plugin/error-record.ts';
import type { ArtifactRecord, RunDescription } from '../plugin/records.ts';
import { CellQueue } from './cell-queue.ts';
import { descriptionFromText } from './description-text.ts';
import { type EarlyEnd, guardProcess } from './guard-process.ts';
import { keepDirectory } from './keep-directory.ts';
import type { LaneTask, SentCell, ToWorker, Whereabouts } from './messages.ts';
import { rebuildExperiment } from './rebuilt-experiment.ts';
import { rebuildTreatments } from './rebuilt-treatments.ts';
import { assertSameDefinition } from './same-definition.ts';
import { WorkerAsks } from './worker-asks.ts';
import { type WorkerLink, workerLink } from './worker-link.ts';
import type { WorkerModules } from './worker-modules.ts';
import { WorkerOutbox } from './worker-outbox.ts';
import { type WorkerReports, WorkerRun } from './worker-run.ts';

const NOTHING: readonly ArtifactRecord[] = [];

/** Longer than imports take, and shorter than people wait without a word. */
const SLOW_IMPORT_MS = 10_000;

/** @internal Runs the cells of one run that its pool sends, until the pool closes the lane. */
export class ServedLane {
  readonly #task: LaneTask;
  readonly #link: WorkerLink;
  readonly #queue = new CellQueue();
  readonly #outbox: WorkerOutbox;
  readonly #asks: WorkerAsks;
  #run: WorkerRun | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #at: Whereabouts = {};
  /** Whether what happens in the cell under way is told at once. */
  #live = true;

  constructor(task: LaneTask) {
    this.#task = task;
    this.#link = workerLink(task.port);
    this.#outbox = new WorkerOutbox(this.#link);
    this.#asks = new WorkerAsks(this.#link);
    guardProcess((end) => this.#endEarly(end));
    this.#link.onMessage((message) => this.#take(message));
  }

  get asks(): WorkerAsks {
    return this.#asks;
  }

  /** @param prepared - What has to come before the user's modules; that it fails is told to the pool. */
  async serve(modules: WorkerModules, prepared: Promise<void>): Promise<void> {
    try {
      const run = await this.#open(modules, prepared);
      if (run) await this.#runCells(run);
    } finally {
      await this.#link.close();
    }
  }

  async #open(modules: WorkerModules, prepared: Promise<void>): Promise<WorkerRun | undefined> {
    try {
      await prepared;
      const description = descriptionFromText(this.#task.description);
      const experiment = await this.#rebuild(description, modules);
      const treatments = rebuildTreatments(experiment, description);
      await assertSameDefinition(experiment, treatments, description, this.#task.elsewhere);
      this.#run = await WorkerRun.open(experiment, treatments, description, this.#reports());
      if (this.#ended) this.#run.end(this.#ended.reason);
      this.#link.post({ type: 'ready' });
      return this.#run;
    } catch (error) {
      this.#link.post({ type: 'refused', error: recordError(asError(error)) });
      return undefined;
    }
  }

  /** What a module awaits at its top level may never come in a worker: who waits for that is told. */
  async #rebuild(description: RunDescription, modules: WorkerModules): Promise<ResolvedExperiment> {
    const { experiment, module } = description;
    const message = `A worker has been importing ${module.url} for ${SLOW_IMPORT_MS / 1000} s, to construct the experiment '${experiment.directory}' there. If the module waits for something that comes only in the main process, construct the experiment before that.`;
    const timer = setTimeout(() => this.#link.post({ type: 'warning', message }), SLOW_IMPORT_MS);
    try {
      return await keepDirectory(() => rebuildExperiment(description, modules));
    } finally {
      clearTimeout(timer);
    }
  }

  async #runCells(run: WorkerRun): Promise<void> {
    try {
      while (await this.#queue.more()) {
        for (let cell = this.#queue.shift(); cell; cell = this.#queue.shift()) {
          this.#live = this.#queue.live;
          await this.#runCell(run, cell);
          if (!this.#live && !this.#queue.live && !this.#outbox.isDue) continue;
          this.#outbox.flush();
          // Cells that never wait would otherwise keep every message from coming in.
          await turn();
        }
        this.#outbox.flush();
      }
    } finally {
      await run.close();
    }
  }

  async #runCell(
    run: WorkerRun,
    { id, attempt, earlier = NOTHING, shared, ...spec }: SentCell,
  ): Promise<void> {
    const isCurrent = shared
      ? async () => (await this.#asks.ask({ about: 'current', cell: id })) === 'true'
      : undefined;
    this.#at = { cell: id };
    const record = await run.run(spec, { number: attempt, earlier }, isCurrent);
    this.#at = {};
    if (run.failure) this.#link.post({ type: 'failed', cell: id, error: recordError(run.failure) });
    this.#outbox.ended(id, run.failure ? undefined : record);
  }

  /** Whatever else has ended here is told first, so that it is not taken for lost. */
  #endEarly(end: EarlyEnd): void {
    this.#outbox.flush();
    this.#link.post({ ...end, ...this.#at });
  }

  #reports(): WorkerReports {
    return {
      event: (event) => {
        if (this.#task.observed && event.type !== 'warning') this.#outbox.event(event, this.#live);
      },
      step: (step) => {
        this.#at = { ...this.#at, step };
        if (this.#live) this.#link.post({ type: 'step', step });
      },
      warning: (message) => this.#link.post({ type: 'warning', message }),
      wrote: (target, artifact, bytes) =>
        this.#link.post({ type: 'wrote', target, artifact, ...(bytes ? { bytes } : {}) }),
    };
  }

  #take(message: ToWorker): void {
    if (message.type === 'cells') this.#queue.take(message);
    else if (message.type === 'answer') this.#asks.answer(message.id, message.text);
    else if (message.type === 'close') this.#queue.close();
    else {
      this.#ended = { reason: reviveError(message.reason) };
      this.#run?.end(this.#ended.reason);
    }
  }
}
