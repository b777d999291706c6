import {
  type FileSystem,
  InvalidArgumentError,
  identifyProcess,
  nodeFileSystem,
  type ProcessIdentity,
} from '@crystallize/core/storage';

/** How a file store keeps its promises. */
export interface FsStoreOptions {
  /**
   * `full`: what was reported as written survives a power cut. `process`: it survives the end of the
   * process, however that comes. Default `full`.
   */
  readonly durability?: 'full' | 'process';
  /**
   * Milliseconds after which a process on another machine, or in another container, that holds a lock
   * and gave no sign of life is taken for dead, and its lock taken over. Default 30,000. A sign is given
   * six times in a lease. A step that keeps its process busy for longer, with no turn of the event
   * loop, looks dead from there; it then loses the lock, and its run stops with a StorageError. On one
   * machine it makes no difference: there the system knows which processes live.
   */
  readonly lease?: number;
  /** What all input and output goes through; for tests. */
  readonly fs?: FileSystem;
  /** Who takes locks, instead of this process; for tests. */
  readonly identity?: ProcessIdentity;
}

/** The options with their defaults. @throws InvalidArgumentError when the lease is none. */
export function readFsStoreOptions(options: FsStoreOptions): Required<FsStoreOptions> {
  const { durability = 'full', lease = 30_000, fs = nodeFileSystem, identity = identifyProcess() } = options;
  if (!Number.isFinite(lease) || lease <= 0) {
    throw new InvalidArgumentError(
      `The lease of fsStore is ${String(lease)}; it is a number of milliseconds above 0, such as 30_000.`,
    );
  }
  return { durability, lease, fs, identity };
}
