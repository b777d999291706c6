import { CrystallizeError, type CrystallizeErrorOptions } from '@crystallize/core';

declare module '@crystallize/core' {
  interface ErrorCodes {
    /** A run names a module that is none of the worker's project. */
    QUEUE_MODULE_FOREIGN: true;
  }
}

/** A run names a module that is none of this worker's project; nothing was imported. */
export class ForeignModuleError extends CrystallizeError {
  constructor(module: string, reason: string, options?: CrystallizeErrorOptions) {
    super(
      'QUEUE_MODULE_FOREIGN',
      `The run needs the module '${module}', and ${reason}. A worker imports only files of its own project: start it with the root of the project that the run was started from.`,
      options,
    );
  }
}
