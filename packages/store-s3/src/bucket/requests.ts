import type { CheckedOptions } from '../s3-store-options.ts';
import { type Connection, connect } from './connection.ts';
import { failureOf, requestError } from './request-failure.ts';

/** What became of a conditional write: `taken` means that the condition did not hold. */
export type WriteOutcome = 'written' | 'taken';

const mostConflicts = 5;

/** What all requests to a bucket have in common. Keys are those of the store, without its prefix. */
export class Requests {
  /** For messages. */
  readonly location: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly #options: CheckedOptions;
  #connection: Promise<Connection> | undefined;

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.bucket = options.bucket;
    this.prefix = options.prefix;
    this.location = `s3://${options.bucket}/${options.prefix}`.replace(/\/$/, '');
  }

  /** A key for messages. */
  placeOf(key: string): string {
    return key === '' ? this.location : `${key} in ${this.location}`;
  }

  /** The object with a key, as requests name it. */
  at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.prefix + key };
  }

  /** The same, as the source of a copy. */
  sourceAt(key: string): string {
    return `${this.bucket}/${(this.prefix + key).split('/').map(encodeURIComponent).join('/')}`;
  }

  /** The SDK and a client, from the first request on. */
  connection(): Promise<Connection> {
    if (!this.#connection) {
      const connection = connect(this.#options);
      this.#connection = connection;
      // So that the next request tries again.
      connection.catch(() => {
        this.#connection = undefined;
      });
    }
    return this.#connection;
  }

  /**
   * Makes a request.
   * @param action - What it does, for the message of the error.
   * @throws StorageError for whatever is thrown.
   */
  async attempt<T>(action: string, key: string, request: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await request(await this.connection());
    } catch (error) {
      throw requestError(action, this.placeOf(key), error);
    }
  }
}

/** Makes a conditional write; one that meets another on its way is made again. */
export async function conditionally(send: () => Promise<unknown>): Promise<WriteOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send();
      return 'written';
    } catch (error) {
      const { status } = failureOf(error);
      if (status === 412) return 'taken';
      if (status !== 409 || attempt === mostConflicts) throw error;
    }
  }
}
