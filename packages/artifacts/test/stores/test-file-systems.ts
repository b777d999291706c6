import { type FileSystem, nodeFileSystem } from '@crystallize/core/storage';

/** One call to a file system. */
export interface FsCall {
  readonly operation: keyof FileSystem;
  readonly args: readonly unknown[];
}

/** A file system that calls `before` first; what that throws is what the call throws, or rejects with. */
export function watchedFs(before: (call: FsCall) => void, base: FileSystem = nodeFileSystem): FileSystem {
  const watched: Record<string, unknown> = {};
  for (const operation of Object.keys(base) as (keyof FileSystem)[]) {
    const original = base[operation] as (...args: unknown[]) => unknown;
    const isAsync = ['fsync', 'fdatasync', 'readAsync', 'writeAsync'].includes(operation);
    watched[operation] = (...args: unknown[]): unknown => {
      try {
        before({ operation, args });
      } catch (error) {
        if (isAsync) return Promise.reject(error);
        throw error;
      }
      return original(...args);
    };
  }
  return watched as unknown as FileSystem;
}

/** A file system whose n-th call fails; with `sticky`, every later one too. */
export function faultyFs(
  n: number,
  code: string,
  sticky: boolean,
): FileSystem & { readonly failed: FsCall | undefined } {
  let count = 0;
  let failed: FsCall | undefined;
  const fs = watchedFs((call) => {
    // Asking where an open file is has no way to fail: it answers that it does not know.
    if (call.operation === 'pathOf') return;
    // A close that fails has closed all the same; the real one must happen, or descriptors run out.
    if (++count < n || (!sticky && count > n)) return;
    failed ??= call;
    if (call.operation === 'close') nodeFileSystem.close(call.args[0] as number);
    throw Object.assign(new Error(`${code}: injected into ${call.operation}`), { code, injected: true });
  });
  return Object.defineProperty(fs, 'failed', { get: () => failed }) as FileSystem & {
    readonly failed: FsCall | undefined;
  };
}
