import type { ArtifactStore } from '@crystallize/core/storage';

/** Moves a folder to where nothing is kept; an empty folder that is left there gives way. */
export async function moveToFree(store: ArtifactStore, from: string, to: string): Promise<void> {
  await store.removeAll(to);
  await store.moveAll(from, to);
}
