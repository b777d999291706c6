import { randomBytes } from 'node:crypto';

/** What is written, and how: the same for both programs. */
export interface ArtifactsTask {
  readonly rootDir: string;
  readonly replicates: number;
  /** Bytes of one artifact. */
  readonly size: number;
  /** Cells under way at the same time. */
  readonly lanes: number;
  readonly durability: 'full' | 'process';
}

export const CONDITIONS = ['baseline', 'two', 'three'] as const;
export const STEP = 'write';
export const FILE = 'payload.bin';
export const EXPERIMENT = 'artifacts';

/** Bytes that differ from cell to cell; they share a buffer where the cells come one at a time. */
export class Payload {
  readonly #bytes: Buffer;
  readonly #shared: boolean;

  constructor({ size, lanes }: ArtifactsTask) {
    this.#bytes = randomBytes(size);
    this.#shared = lanes === 1;
  }

  of(replicate: number, condition: string): Uint8Array {
    const bytes = this.#shared ? this.#bytes : Buffer.from(this.#bytes);
    bytes.write(`${condition} ${replicate} `.padEnd(24), 0, 'latin1');
    return bytes;
  }
}
