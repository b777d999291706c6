import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { readersFolder } from './layout.ts';
import type { ArtifactStore, ReadableStore } from './store.ts';

/** A store in which a version can be kept from retention. */
export type HoldingStore = ReadableStore & Pick<ArtifactStore, 'lock' | 'put' | 'remove'>;

/** Whether a version in the store can be held. */
export function canHold(store: ReadableStore): store is HoldingStore {
  return ['lock', 'put', 'remove'].every((method) => method in store);
}

/**
 * Keeps retention from touching a version until it is disposed.
 *
 * Retention says in `pruned.json` what it will remove, and looks for readers after that. So a reader that
 * looks for `pruned.json`, or once more for the newest version, after it has made itself known here,
 * notices retention where that does not notice the reader.
 */
export async function holdVersion(
  store: HoldingStore,
  directory: string,
  version: number,
): Promise<AsyncDisposable> {
  const key = `${readersFolder(directory, version)}/${randomUUID()}`;
  const lock = await store.lock(key);
  const release = async (): Promise<void> => {
    try {
      await store.remove(`${key}.json`);
    } finally {
      await lock.release();
    }
  };
  try {
    const reader = { host: hostname(), pid: process.pid, since: new Date().toISOString() };
    await store.put(`${key}.json`, Buffer.from(`${JSON.stringify(reader)}\n`));
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
}
