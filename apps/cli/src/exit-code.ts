/** How the command ends. */
export const EXIT = {
  /** Every cell succeeded. */
  done: 0,
  /** Some cells failed, an experiment of a graph failed or was skipped, or the run was stopped. */
  failed: 1,
  /** Wrong usage, or a file that can't be loaded or run; nothing has run. */
  usage: 2,
  /** Ended by SIGINT, as a shell tells it: 128 + 2. */
  interrupted: 130,
  /** Ended by SIGTERM: 128 + 15. */
  terminated: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
