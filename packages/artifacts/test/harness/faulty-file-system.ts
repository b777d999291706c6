import { type FileSystem, nodeFileSystem } from '@crystallize/core/storage';
import type { FsCall } from '../stores/test-file-systems.ts';
import { interposedFs } from './interposed-fs.ts';

/** Which call is to fail, and how. */
export interface Fault {
  /** From 1. */
  readonly call: number;
  readonly code: string;
  /** Whether every later call fails too. */
  readonly sticky: boolean;
}

/** A file system of which one call, or all from one on, fail. */
export class FaultyFileSystem {
  readonly fs: FileSystem;
  /** The calls that failed. */
  readonly failed: FsCall[] = [];
  #count = 0;
  #cleared = false;

  constructor({ call, code, sticky }: Fault, base: FileSystem = nodeFileSystem) {
    this.fs = interposedFs(base, (made) => {
      // Asking where an open file is has no way to fail: it answers that it does not know.
      if (this.#cleared || made.operation === 'pathOf') return;
      this.#count += 1;
      if (this.#count < call || (!sticky && this.#count > call)) return;
      this.failed.push(made);
      // A close that fails has closed all the same.
      if (made.operation === 'close') base.close(made.args[0] as number);
      throw Object.assign(new Error(`${code}: injected into ${made.operation}`), { code, injected: true });
    });
  }

  /** The trouble is over. */
  clear(): void {
    this.#cleared = true;
  }
}
