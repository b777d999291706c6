import { type ArtifactStore, StorageError } from '@crystallize/core/storage';

const mostAttempts = 3;

/**
 * Moves a folder to where nothing is kept. What is left there gives way; also what a process writes there
 * meanwhile that has lost the lock and does not know it yet.
 *
 * @param confirm - Called right before each removal; throws when what is there is another run's by now.
 */
export async function moveToFree(
  store: ArtifactStore,
  from: string,
  to: string,
  confirm?: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await confirm?.();
    await store.removeAll(to);
    try {
      return await store.moveAll(from, to);
    } catch (error) {
      const isTaken = error instanceof StorageError && error.code === 'OBJECT_EXISTS';
      if (!isTaken || attempt === mostAttempts) throw error;
    }
  }
}
