import { CrystallizeError, type CrystallizeErrorOptions } from './crystallize-error.ts';

/** A worker can't make the experiment whose cells it is to run. Nothing has run. */
export class ExperimentNotRebuiltError extends CrystallizeError {
  /** @param reason - A sentence or more. */
  constructor(experiment: string, reason: string, options?: CrystallizeErrorOptions) {
    super(
      'EXPERIMENT_NOT_REBUILT',
      `A worker can't make the experiment '${experiment}' by importing its module: ${reason}\nWays out: construct it at the top level of a module, outside of callbacks and of if (import.meta.main); or give it module: { url: import.meta.url, export: 'name', args: [plain data] }, an exported function that makes it; or run it in this process, with SerialExecution or AsyncExecution.`,
      options,
    );
  }
}

/** A worker makes the experiment otherwise than the main process has. Nothing has run there. */
export class WorkerMismatchError extends CrystallizeError {
  /** What differs, each a sentence. */
  readonly differences: readonly string[];

  constructor(experiment: string, differences: readonly string[], elsewhere: boolean) {
    const list = differences.map((difference) => `\n  - ${difference}`).join('');
    const advice = elsewhere
      ? 'Bring the same code, packages and data to every machine.'
      : 'A file was changed since the run began, or the module makes something else each time it is imported: from the clock, Math.random or what it finds in its surroundings. Make it the same each time, or run it in this process, with SerialExecution or AsyncExecution.';
    super(
      'WORKER_MISMATCH',
      `A worker makes another experiment '${experiment}' than the main process has:${list}\n${advice}`,
    );
    this.differences = differences;
  }
}

/** The worker that ran a cell ended before the cell did. */
export class WorkerDiedError extends CrystallizeError {
  /** What is known of its end, without a full stop. */
  readonly reason: string;

  constructor(reason: string, options?: CrystallizeErrorOptions) {
    super('WORKER_DIED', `The worker that ran the cell ended before the cell did: ${reason}.`, options);
    this.reason = reason;
  }
}
