import { type ArtifactStore, RunLockedError, readersFolder } from '@crystallize/core/storage';

/**
 * Whether a run reads the version: says who, for people. What dead readers have left is removed.
 * @param patience - Milliseconds to wait for a sign of life; `undefined`: as long as the store does.
 */
export async function findReader(
  store: ArtifactStore,
  directory: string,
  version: number,
  patience: number | undefined,
): Promise<string | undefined> {
  for (const key of await readersOf(store, directory, version)) {
    const taken = await tryLock(store, key, patience);
    if (typeof taken === 'string') return `a run reads it: ${taken}`;
    try {
      await store.remove(`${key}.json`);
    } finally {
      await taken.release();
    }
  }
  return undefined;
}

/** The keys of the locks of readers, dead or alive. */
export async function readersOf(
  store: ArtifactStore,
  directory: string,
  version: number,
): Promise<readonly string[]> {
  const folder = readersFolder(directory, version);
  const children = await store.children(folder);
  const ids = new Set(children.map(({ name }) => (name.endsWith('.json') ? name.slice(0, -5) : name)));
  return [...ids].map((id) => `${folder}/${id}`);
}

/** The lock, or who holds it. */
export async function tryLock(
  store: ArtifactStore,
  key: string,
  patience: number | undefined,
): Promise<Awaited<ReturnType<ArtifactStore['lock']>> | string> {
  const signal = patience === undefined ? undefined : AbortSignal.timeout(patience);
  try {
    return await store.lock(key, { signal });
  } catch (error) {
    if (error instanceof RunLockedError) return error.message;
    if (signal?.aborted) return `${key} is held by a process of which nothing is known here.`;
    throw error;
  }
}
