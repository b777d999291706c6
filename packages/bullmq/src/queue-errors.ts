import { CrystallizeError, type CrystallizeErrorOptions } from '@crystallize/core';

declare module '@crystallize/core' {
  interface ErrorCodes {
    /** The options of a queue's coordinator or worker are wrong. */
    QUEUE_OPTIONS_INVALID: true;
    /** Redis could not be reached at the start, or refused the login. */
    QUEUE_UNREACHABLE: true;
    /** Redis went away while a run was going on, and did not come back. */
    QUEUE_LOST: true;
    /** No worker was there to take a cell for too long. */
    QUEUE_UNATTENDED: true;
    /** Another process goes on with this very run. */
    QUEUE_TAKEN_OVER: true;
    /** Every worker that took a cell was gone before the cell had ended. */
    QUEUE_WORKERS_LOST: true;
  }
}

/** The options of {@link BullmqExecution} or {@link runQueueWorker} are wrong; nothing was tried. */
export class QueueOptionsError extends CrystallizeError {
  constructor(subject: string, problems: readonly string[]) {
    super('QUEUE_OPTIONS_INVALID', `${subject} can't be used like this: ${problems.join(' ')}`);
  }
}

/** Redis could not be reached at the start, or refused the login. Nothing has run. */
export class QueueUnreachableError extends CrystallizeError {
  constructor(message: string, options?: CrystallizeErrorOptions) {
    super('QUEUE_UNREACHABLE', message, options);
  }
}

/** Redis went away while a run was going on, and did not come back in time. */
export class QueueLostError extends CrystallizeError {
  constructor(address: string, milliseconds: number, reason: string) {
    super(
      'QUEUE_LOST',
      `Redis at ${address} has not answered for ${seconds(milliseconds)} (${reason}), so the run was stopped. Cells that had ended are kept where the run is stored: start Redis again, and go on with run({ strategy: 'resume' }).`,
    );
  }
}

/** No worker was there to take a cell for too long. */
export class QueueUnattendedError extends CrystallizeError {
  constructor(milliseconds: number, situation: string) {
    super(
      'QUEUE_UNATTENDED',
      `The run was stopped, since no worker has taken a cell for ${seconds(milliseconds)}. ${situation} Then go on with run({ strategy: 'resume' }); the option awaitWorkers sets how long to wait.`,
    );
  }
}

/** Another process has taken over the run, as by resuming it. */
export class QueueTakenOverError extends CrystallizeError {
  constructor(experiment: string) {
    super(
      'QUEUE_TAKEN_OVER',
      `Another process goes on with this run of '${experiment}', so it was stopped here: its cells are that process's by now. Let that one go on.`,
    );
  }
}

/** Every worker that took the cell was gone before it had ended; this is the error of that cell alone. */
export class QueueWorkersLostError extends CrystallizeError {
  constructor() {
    super(
      'QUEUE_WORKERS_LOST',
      `Each worker that took this cell was gone before the cell had ended, so it is not given to another one. Look whether it takes more memory than the workers' machines have, or ends the process; runtime: 'child_process' keeps a worker alive through both.`,
    );
  }
}

/** Milliseconds for people: `10 s`, `1.5 s`, `250 ms`. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${+(milliseconds / 1000).toFixed(1)} s`;
}
