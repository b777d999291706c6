import { StorageError } from '@crystallize/core';
import type { StoreLock } from '@crystallize/core/storage';

/** Asks the store whether the run's version is still its own. @throws StorageError when another process has it. */
export async function assertHeld(lock: StoreLock): Promise<void> {
  if (await lock.isHeld()) return;
  throw new StorageError(
    'Another process has taken over this run. What this one computed since is not stored; let that process go on.',
  );
}
