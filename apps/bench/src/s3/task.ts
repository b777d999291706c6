import type { ServedPlace } from './server.ts';

/** What the programs are told. */
export interface S3Task {
  readonly place: ServedPlace;
  /** What keys begin with; free. */
  readonly prefix: string;
  readonly count: number;
  /** Bytes of each object. */
  readonly size: number;
  /** How many are under way at the same time. */
  readonly lanes: number;
  /** Whether objects are written and read as streams. */
  readonly streamed: boolean;
}

/** The bucket, which must be there. */
export const BUCKET = 'experiments';

const PIECE = 1024 * 1024;

/** The bytes of an object, each time in the same memory. */
export class Payload {
  readonly #bytes: Buffer;
  readonly #size: number;

  constructor({ size, streamed }: S3Task) {
    this.#size = size;
    this.#bytes = Buffer.alloc(streamed ? Math.min(size, PIECE) : size, 'bench');
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = this.#size; left > 0; left -= PIECE) yield this.#bytes.subarray(0, Math.min(left, PIECE));
  }
}

/** Does something for every object, so many at the same time. @returns milliseconds. */
export async function timed(
  { count, lanes, prefix }: S3Task,
  work: (key: string) => Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(`${prefix}/${index}`);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return performance.now() - startedAt;
}

/** Takes in a stream. @throws Error when it has another number of bytes. */
export async function drain(stream: AsyncIterable<Uint8Array>, size: number): Promise<void> {
  let length = 0;
  for await (const piece of stream) length += piece.length;
  assertSize(length, size);
}

/** @throws Error when they differ. */
export function assertSize(found: number | undefined, size: number): void {
  if (found !== size) throw new Error(`${found} bytes were read where ${size} were written.`);
}
