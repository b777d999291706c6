import { StorageError } from '@crystallize/core';

declare module '@crystallize/core' {
  interface ErrorCodes {
    /** The server of a store lacks something without which runs could be damaged. */
    STORE_UNSUITABLE: true;
  }
}

/** A server can't be used to keep runs, since it ignores what they are kept safe by. */
export class StoreUnsuitableError extends StorageError {
  constructor(message: string) {
    super(message, { code: 'STORE_UNSUITABLE' });
  }
}
