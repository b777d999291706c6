import type { FileSystem } from '@crystallize/core/storage';
import type { FsCall } from '../stores/test-file-systems.ts';

const asyncOperations: ReadonlySet<string> = new Set(['fsync', 'fdatasync', 'readAsync', 'writeAsync']);

/** A file system that calls `before` first; what that throws is what the call throws, or rejects with. */
export function interposedFs(base: FileSystem, before: (call: FsCall) => void): FileSystem {
  return new Proxy(base, {
    get: (target, name) => {
      const operation = name as keyof FileSystem;
      const original = target[operation] as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        try {
          before({ operation, args });
        } catch (error) {
          if (asyncOperations.has(operation)) return Promise.reject(error);
          throw error;
        }
        return original.apply(target, args);
      };
    },
  });
}
